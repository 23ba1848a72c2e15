import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { TlsPems } from "@sampan/identity/certificates";

/** How a server took somebody who knocked. */
export interface Knock {
  /** It has spoken HTTP/2 with the caller; otherwise it has closed the connection, or said nothing for a second. */
  readonly served: boolean;
  /** What it has shown; undefined for a caller without TLS, or when TLS failed. */
  readonly certificate: DetailedPeerCertificate | undefined;
}

/** What a caller shows: nothing, and speaks plain HTTP/2; or some of a certificate's parts. */
export type Shown = "plain" | Partial<TlsPems>;

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
const patienceMs = 1_000;
const settingsFrame = 0x04;

/**
 * Connects to a server's unix socket and begins HTTP/2, as a gRPC client does; the server's first frame says that it
 * would serve. The server's certificate is not checked: this is about what it asks of others.
 */
export async function knock(address: string, shown: Shown): Promise<Knock> {
  const path = address.slice("unix:".length);
  const socket =
    shown === "plain"
      ? connectPlain(path)
      : connectTls({ path, ...shown, ALPNProtocols: ["h2"], rejectUnauthorized: false });
  try {
    const served = await speak(socket, shown === "plain" ? "connect" : "secureConnect");
    const certificate = shown === "plain" ? undefined : (socket as TLSSocket).getPeerCertificate(true);
    return { served, certificate: certificate?.raw === undefined ? undefined : certificate };
  } finally {
    socket.destroy();
  }
}

async function speak(socket: Socket, ready: "connect" | "secureConnect"): Promise<boolean> {
  const patience = AbortSignal.timeout(patienceMs);
  const ended = new Promise<false>((resolve) => {
    socket.once("close", () => resolve(false));
    socket.once("error", () => resolve(false));
    patience.addEventListener("abort", () => resolve(false), { once: true });
  });
  // A frame begins with three octets of length and one of type (RFC 9113, 4.1); a server's first is SETTINGS.
  const spoken = once(socket, "data").then(([chunk]: Buffer[]) => chunk?.[3] === settingsFrame);
  spoken.catch(() => {});
  socket.once(ready, () => socket.write(preface));
  return Promise.race([ended, spoken.catch(() => false)]);
}
