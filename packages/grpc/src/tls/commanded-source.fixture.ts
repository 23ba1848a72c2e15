import type { CertificatePems, CertificateSource } from "./credentials.js";

/** Certificates that change when a test says so. */
export interface CommandedSource extends CertificateSource {
  readonly watchers: number;
  set(pems: CertificatePems): void;
  /** The same certificates, and peers may be judged otherwise. */
  tell(): void;
}

export function commanded(first: CertificatePems): CommandedSource {
  let pems = first;
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const changed of [...watchers]) changed();
  };
  return {
    get watchers() {
      return watchers.size;
    },
    current: () => pems,
    watch(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    set(next) {
      pems = next;
      tell();
    },
    tell,
  };
}
