import type { CallOrigin } from "@sampan/core";
export type Headers = Readonly<Record<string, string>>;
/** A message's headers with the origin of its call; the origin wins over headers of the same name. */
export declare function withOrigin(headers: Headers, origin: CallOrigin): Headers;
/** The origin that a message carries; undefined when it does not come from a Sampan service. */
export declare function originOf(headers: Headers): CallOrigin | undefined;
//# sourceMappingURL=origin-headers.d.ts.map