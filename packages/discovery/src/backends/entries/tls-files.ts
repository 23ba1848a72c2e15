import { readFile } from "node:fs/promises";
import type { TlsFiles } from "@sampan/engines";

/** Names of PEM files. Read at each connection, so that certificates may rotate. */
export interface TlsFileNames {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export function readTlsFiles(names: TlsFileNames | undefined): (() => Promise<TlsFiles>) | undefined {
  if (names === undefined) return undefined;
  const read = async (name: string | undefined) => (name === undefined ? undefined : readFile(name, "utf8"));
  return async () => {
    const [ca, cert, key] = await Promise.all([read(names.caFile), read(names.certFile), read(names.keyFile)]);
    return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  };
}
