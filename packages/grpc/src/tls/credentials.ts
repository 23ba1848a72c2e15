import { readFileSync, statSync } from "node:fs";
import type { DetailedPeerCertificate } from "node:tls";

/** PEM texts: a certificate chain, its key, and the authorities that the other side is checked against. */
export interface CertificatePems {
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly ca?: string | Buffer;
}

/**
 * Certificates that may change while the process runs. New connections use what `current` gives; `watch` calls back
 * when that has changed, or when a peer may be judged otherwise (authorities, revocation lists), and returns a function
 * that ends it. `identity`'s rotation, a file watcher or a secret store stand behind it.
 *
 * No connection is dropped over a change: peers of open ones are judged again, and only who would not be let in now has
 * to leave. A client shows its own new certificate on a new connection, made before the old one is let go.
 */
export interface CertificateSource {
  current(): CertificatePems;
  watch(changed: () => void): () => void;
}

export interface ServerTls {
  readonly certificates: CertificateSource | CertificatePems;
  /** mTLS: clients without a certificate that the authorities vouch for are refused. Default: with `checkClient`. */
  readonly requireClientCertificate?: boolean;
  /**
   * Judges a client's certificate, with those above it, when TLS has: before its connection serves anything, and again
   * after each change of `certificates`. An `Error` refuses.
   */
  readonly checkClient?: (certificate: DetailedPeerCertificate) => Error | undefined;
  /**
   * What calls in work have left when their client is refused or its certificate has expired, ms. Default 5000. New ones
   * are refused at once, for the client to send elsewhere.
   */
  readonly drainMs?: number;
}

export interface ClientTls {
  /** Without `ca` the authorities that Node trusts; `cert` and `key` for mTLS. */
  readonly certificates?: CertificateSource | CertificatePems;
  /** The name that the server's certificate must carry, when it is not the target's host. */
  readonly serverName?: string;
  /**
   * Replaces the check of the server's name, for instance by one of its SPIFFE id; an `Error` refuses. Asked again after
   * each change of `certificates`.
   */
  readonly checkServer?: (host: string, certificate: DetailedPeerCertificate) => Error | undefined;
  /** What calls in work have left when their server is refused or its certificate has expired, ms. Default 5000. */
  readonly drainMs?: number;
}

export const defaultDrainMs = 5000;

export function sourceOf(given: CertificateSource | CertificatePems): CertificateSource {
  return "current" in given ? given : { current: () => given, watch: () => () => {} };
}

export interface CertificateFiles {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  /** How often the files are looked at, ms. Default 10000; they may be replaced one after the other meanwhile. */
  readonly intervalMs?: number;
}

/**
 * Certificates in files, read again when their modification time or target changes (Kubernetes swaps a symbolic
 * link). A set that cannot be read is skipped, and the last good one stays.
 */
export function certificateFiles(files: CertificateFiles): CertificateSource {
  const paths = [files.cert, files.key, files.ca].filter((path) => path !== undefined);
  const stamp = (): string => paths.map((path) => `${statSync(path).mtimeMs} ${statSync(path).ino}`).join();
  const read = (): CertificatePems => ({
    ...(files.cert === undefined ? {} : { cert: readFileSync(files.cert) }),
    ...(files.key === undefined ? {} : { key: readFileSync(files.key) }),
    ...(files.ca === undefined ? {} : { ca: readFileSync(files.ca) }),
  });
  let seen = stamp();
  let pems = read();
  let version = 0;
  const refresh = (): number => {
    try {
      const now = stamp();
      if (now !== seen) {
        pems = read();
        seen = now;
        version++;
      }
    } catch {
      // Half written, or being replaced: the next look will do.
    }
    return version;
  };
  return {
    current() {
      refresh();
      return pems;
    },
    watch(changed) {
      let known = version;
      const timer = setInterval(() => {
        if (refresh() === known) return;
        known = version;
        changed();
      }, files.intervalMs ?? 10_000);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
