import type { ConnectionOptions } from "node:tls";
import type { Target } from "../wire/target.js";
import { type ClientTls, sourceOf } from "./credentials.js";

/** What Node needs to connect, with the certificates of this moment. */
export function clientTlsOptions(tls: ClientTls, target: Target): ConnectionOptions {
  const pems = tls.certificates === undefined ? {} : sourceOf(tls.certificates).current();
  const serverName = tls.serverName ?? (target.kind === "dns" ? target.host : undefined);
  const { checkServer } = tls;
  return {
    ...pems,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(checkServer === undefined ? {} : { checkServerIdentity: checkServer }),
  };
}
