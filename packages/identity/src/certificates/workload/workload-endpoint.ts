import { isIP } from "node:net";
import { CertificateErrors } from "../certificate-errors.js";

/** Where SPIFFE workloads look for their API (SPIFFE_Workload_Endpoint.md, section 4). */
export const endpointVariable = "SPIFFE_ENDPOINT_SOCKET";

/**
 * The target, in the notation of `@sampan/grpc`, of `unix:///path` or `tcp://address:port`. Throws `WORKLOAD_REQUEST`
 * for what the standard does not allow.
 */
export function workloadTarget(socket: string): string {
  const unix = /^unix:(?:\/\/)?(\/[^/?#][^?#]*)$/.exec(socket)?.[1];
  if (unix !== undefined) return `unix:${unix}`;
  const [, host = "", port = ""] = /^tcp:\/\/(.+):(\d{1,5})$/.exec(socket) ?? [];
  const address = host.replace(/^\[(.*)\]$/, "$1");
  const number = Number(port);
  if (isIP(address) !== 0 && number >= 1 && number <= 65_535) {
    return isIP(address) === 6 ? `ipv6:[${address}]:${port}` : `ipv4:${address}:${port}`;
  }
  const why = `${endpointVariable} must be unix:///path or tcp://address:port, with an IP address`;
  throw CertificateErrors.WORKLOAD_REQUEST({ why });
}
