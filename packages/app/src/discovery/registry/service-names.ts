/** What may stand in braces in `registry.names`. */
const parts: Readonly<Record<string, (service: string) => string>> = {
  service: (service) => service,
  package: (service) => dashed(service.slice(0, Math.max(0, service.indexOf(".")))) || lastOf(service),
  name: lastOf,
};

/** A function from a service's full name to what another registry calls it; or the name in braces that nobody knows. */
export function serviceNames(template: string): ((service: string) => string) | { readonly unknown: string } {
  for (const [, part = ""] of template.matchAll(/\{(.*?)\}/g))
    if (!Object.hasOwn(parts, part)) return { unknown: part };
  return (service) => template.replace(/\{(.*?)\}/g, (_, part: string) => parts[part]?.(service) ?? "");
}

/** `OrderService` is `order-service`: labels of DNS and names in Kubernetes have neither capitals nor underscores. */
function lastOf(service: string): string {
  return dashed(service.slice(service.lastIndexOf(".") + 1));
}

function dashed(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}
