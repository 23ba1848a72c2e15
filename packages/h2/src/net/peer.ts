import type { Socket } from "node:net";
import { type DetailedPeerCertificate, TLSSocket } from "node:tls";

/** Who is at the other end, as the socket knows it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** TLS with a certificate chain that was verified. */
  readonly authorized: boolean;
  /** The peer's certificate (mTLS) and those above it, or undefined. Read from TLS once in a turn (0.2 ms). */
  certificate(): DetailedPeerCertificate | undefined;
}

export function peerOf(socket: Socket): Peer {
  const tls = socket instanceof TLSSocket ? socket : undefined;
  const read = (): DetailedPeerCertificate | undefined => {
    const found = tls?.getPeerCertificate(true);
    // Null when the connection is gone, whatever its type says; an empty object without a certificate.
    return found != null && Object.keys(found).length > 0 ? found : undefined;
  };
  let known: DetailedPeerCertificate | undefined;
  return {
    address: socket.remoteAddress ?? "",
    port: socket.remotePort ?? 0,
    authorized: tls?.authorized ?? false,
    certificate() {
      if (known !== undefined || tls === undefined) return known;
      known = read();
      // Several ask while a connection is accepted; kept for all its life it would be 10 KB and more.
      setImmediate(() => {
        known = undefined;
      });
      return known;
    },
  };
}
