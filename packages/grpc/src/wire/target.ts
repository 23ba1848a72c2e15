import { GrpcErrors } from "../errors.js";

/** One place to connect to, or to listen at. `path` is a unix socket; then host and port mean nothing. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
}

/** What a channel is given, taken apart (grpc/grpc `doc/naming.md`). */
export type Target =
  | { readonly kind: "fixed"; readonly endpoints: readonly Endpoint[]; readonly authority: string }
  | { readonly kind: "dns"; readonly host: string; readonly port: number; readonly authority: string };

/** As grpc-go and Envoy use for dns targets without one. */
const defaultPort = 443;

/** Throws `BAD_TARGET`. */
export function parseTarget(target: string): Target {
  if (target.startsWith("unix:")) {
    const path = target.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (path === "") throw GrpcErrors.BAD_TARGET({ target, why: "it names no path" });
    return { kind: "fixed", endpoints: [{ host: "", port: 0, path }], authority: "localhost" };
  }
  const literal = /^ipv[46]:(?:\/\/\/)?(.+)$/.exec(target);
  if (literal !== null) {
    const texts = (literal[1] as string).split(",");
    const endpoints = texts.map((text) => hostPort(text, target));
    return { kind: "fixed", endpoints, authority: texts[0] as string };
  }
  const name = target.replace(/^dns:(?:\/\/[^/]*\/)?/, "");
  const { host, port } = hostPort(name, target);
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (/^[0-9.]+$/.test(host) || host.includes(":")) {
    return { kind: "fixed", endpoints: [{ host, port, path: undefined }], authority };
  }
  return { kind: "dns", host, port, authority };
}

/** Where to listen: `host:port`, `[v6]:port` or `unix:path`. */
export function parseAddress(address: string): Endpoint {
  if (address.startsWith("unix:")) return { host: "", port: 0, path: address.slice("unix:".length) };
  return hostPort(address, address);
}

function hostPort(text: string, target: string): Endpoint {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]/\s]+))(?::([0-9]{1,5}))?$/.exec(text);
  if (match === null) throw GrpcErrors.BAD_TARGET({ target, why: "it is not host:port" });
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port > 65_535) throw GrpcErrors.BAD_TARGET({ target, why: `${port} is no port` });
  return { host: match[1] ?? (match[2] as string), port, path: undefined };
}
