/** Of an installation whose settings name none. `.internal` is for private use and in no public DNS (ICANN, 2024). */
export const defaultTrustDomain = "sampan.internal";

/** The namespace of the platform's services when no setting names one. */
export const defaultNamespace = "sampan";
