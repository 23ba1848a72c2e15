import { serviceId } from "@sampan/identity/certificates";

/**
 * Who may serve a contract: names of services or SPIFFE ids, as `certificates.servers` gives them. The most exact entry
 * counts (`order.v1.OrderService`, then `order.v1.*`, `order.*`, `*`), and several for it are alternatives. Without one it is
 * the service that the contract's package begins with, so that a contract that nobody has named is nobody else's.
 */
export function serversOf(entries: readonly string[]): (service: string) => readonly string[] {
  const named = new Map<string, string[]>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    const pattern = entry.slice(0, equals);
    named.set(pattern, [...(named.get(pattern) ?? []), entry.slice(equals + 1)]);
  }
  return (service) => {
    for (const pattern of patternsFor(service)) {
      const found = named.get(pattern);
      if (found !== undefined) return found;
    }
    return [service.split(".")[0] as string];
  };
}

/** The SPIFFE id that a name stands for; an id stands for itself. */
export function idOf(name: string, trustDomain: string, namespace: string): string {
  return name.startsWith("spiffe://") ? name : serviceId(trustDomain, namespace, name);
}

function* patternsFor(service: string): Generator<string> {
  yield service;
  const segments = service.split(".");
  for (let kept = segments.length - 1; kept > 0; kept--) yield `${segments.slice(0, kept).join(".")}.*`;
  yield "*";
}
