import { BlockList, isIP } from "node:net";

/** Who is believed about where a request came from. */
export interface TrustedProxies {
  has(address: string): boolean;
}

/**
 * Addresses and networks, such as `10.0.0.0/8`, `192.0.2.7` and `fd00::/8`. What is neither is added to `problems`, and so
 * is a network of everybody: then a client would say itself who it is.
 */
export function trustedProxies(networks: readonly string[], problems: string[]): TrustedProxies {
  const list = new BlockList();
  for (const text of networks) {
    const [address = "", length, ...rest] = text.split("/");
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const prefix = length === undefined ? bits : /^[0-9]{1,3}$/.test(length) ? Number(length) : -1;
    if (version === 0 || rest.length > 0 || prefix < 1 || prefix > bits) {
      problems.push(`trustedProxies must be addresses or networks such as 10.0.0.0/8, not ${text}`);
    } else list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
  return {
    has(address) {
      // A link-local address has a zone, which is this machine's own word for an interface.
      const [bare = ""] = address.split("%", 1);
      const version = isIP(bare);
      return version !== 0 && list.check(bare, version === 4 ? "ipv4" : "ipv6");
    },
  };
}

/** Proxies in a row that are gone through; the chain of a real one has two or three. */
export const maxHops = 16;
/** The longest entry: an IPv6 address in brackets with a port, or the mapped form of an IPv4 address. */
const longestEntry = 64;

/**
 * Where a request came from: the nearest address that is not a trusted proxy's. Each proxy adds who it heard from at the
 * right end of X-Forwarded-For, so it is read from there, and only as long as whoever has written the next entry is
 * trusted. What a client has put there itself is to the left of that, and is never reached.
 *
 * An entry that is no address ends it as well: the last address that is known is the proxy's that wrote it. Empty when the
 * connection has no address (a unix socket): nobody is trusted then. `Forwarded` (RFC 7239) is not read: of two headers that
 * say different things only one can be right, and it is the other one that proxies overwrite.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  proxies: TrustedProxies,
): string {
  let address = unmapped(peer ?? "");
  if (forwardedFor === undefined || !proxies.has(address)) return address;
  let end = forwardedFor.length;
  for (let hops = 0; hops < maxHops && end >= 0; hops++) {
    const comma = forwardedFor.lastIndexOf(",", end - 1);
    // Not cut out before its length is known: a header may be one entry of 16 KiB.
    const entry = end - comma > longestEntry ? "" : forwardedFor.slice(comma + 1, end).trim();
    const before = addressIn(entry);
    if (before === undefined) return address;
    address = before;
    if (comma < 0 || !proxies.has(address)) return address;
    end = comma;
  }
  return address;
}

/** `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`; undefined for anything else. */
function addressIn(entry: string): string | undefined {
  const [, bracketed] = /^\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?$/.exec(entry) ?? [];
  const [, withPort] = /^([0-9.]+):[0-9]{1,5}$/.exec(entry) ?? [];
  const text = bracketed ?? withPort ?? entry;
  if (isIP(text) === 0 || text.includes("%")) return undefined;
  return unmapped(text.toLowerCase());
}

/** An IPv4 address that came in through an IPv6 socket is written as it is, so that it is one client and not two. */
function unmapped(address: string): string {
  const [, v4] = /^::ffff:([0-9.]+)$/i.exec(address) ?? [];
  return v4 !== undefined && isIP(v4) === 4 ? v4 : address;
}
