import type { IncomingMessage } from "node:http";

/** The value of a request header; a repeated one is joined, as Node does for all but `set-cookie`. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** The other end of the connection, as gRPC writes addresses. */
export function addressOf(request: IncomingMessage): string {
  const { remoteAddress, remotePort } = request.socket;
  if (remoteAddress === undefined) return "";
  return remoteAddress.includes(":") ? `ipv6:[${remoteAddress}]:${remotePort}` : `ipv4:${remoteAddress}:${remotePort}`;
}
