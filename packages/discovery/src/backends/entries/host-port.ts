import { isIP } from "node:net";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An instance's address taken apart; undefined for one that is no host and port, such as a unix socket. */
export function hostPortOf(address: string): HostPort | undefined {
  if (address.startsWith("unix:")) return undefined;
  const found = /^(?:(?:ipv4|ipv6|dns):(?:\/\/\/)?)?(.+):(\d+)$/.exec(address);
  const host = found?.[1]?.replace(/^\[(.*)\]$/, "$1");
  return host === undefined ? undefined : { host, port: Number(found?.[2]) };
}

/** In the notation of the transport. */
export function addressOf(host: string, port: number): string {
  const version = isIP(host);
  if (version === 4) return `ipv4:${host}:${port}`;
  if (version === 6) return `ipv6:[${host}]:${port}`;
  return `dns:///${host}:${port}`;
}
