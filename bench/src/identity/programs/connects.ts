/**
 * Connects again and again, each time until the server's first octets, and counts. Arguments: target how abreast seconds.
 * `how` is plain, tls, resumed or mtls; what is shown and believed comes as for the other programs.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";
import { tlsCertificates } from "@sampan/identity/certificates";
import { givenIdentity } from "../security.js";

const [target = "", how, abreast, seconds] = process.argv.slice(2);
const port = Number(target.split(":").at(-1));
let connected = 0;

/** Ports of one address would soon be used up by connections that have just ended. */
function place(): { readonly host: string; readonly port: number; readonly localAddress: string } {
  return { host: "127.0.0.1", port, localAddress: `127.0.1.${1 + (connected % 200)}` };
}

function options(): ConnectionOptions {
  const { ca, cert, key } = tlsCertificates(givenIdentity()).current();
  // The server is what is measured: this side looks no further than TLS does.
  const secureContext = createSecureContext(how === "mtls" ? { ca, cert, key } : { ca });
  return { secureContext, ALPNProtocols: ["h2"], checkServerIdentity: () => undefined };
}

const tls = how === "plain" ? undefined : options();

function dial(session?: Buffer): Promise<Socket | TLSSocket> {
  return new Promise((resolve, reject) => {
    const given = session === undefined ? {} : { session };
    const socket = tls === undefined ? connectPlain(place()) : connectTls({ ...tls, ...given, ...place() });
    socket.once("error", reject);
    socket.once("data", () => resolve(socket));
  });
}

async function loop(end: number, session?: Buffer): Promise<void> {
  while (performance.now() < end) {
    const socket = await dial(session);
    if (session !== undefined && !(socket as TLSSocket).isSessionReused())
      throw new Error("the session was not resumed");
    socket.destroy();
    connected++;
  }
}

async function run(ms: number, session?: Buffer): Promise<object> {
  connected = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: Number(abreast) }, () => loop(began + ms, session)));
  return { calls: connected, seconds: (performance.now() - began) / 1000 };
}

const session = how === "resumed" ? ((await dial()) as TLSSocket).getSession() : undefined;
await run(1000, session);
console.log(JSON.stringify(await run(Number(seconds) * 1000, session)));
process.exit(0);
