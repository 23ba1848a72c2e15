import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { nearest } from "@sampan/config";
import { CommandError } from "../command/command-error.js";

/** What a name on the command line stands for. */
export interface SymbolName {
  /** In full. */
  readonly service: string;
  /** Undefined when the name is a service's. */
  readonly method: string | undefined;
}

/**
 * `order.v1.OrderService/CreateOrder`, with a dot instead of the slash, or without as much of the package as leaves one
 * service. Whether the service has the method is for `findMethod`. Throws `CommandError` with what was meant.
 */
export function findSymbol(name: string, services: readonly string[]): SymbolName {
  const wanted = name.replace(/^\//, "");
  const slash = wanted.indexOf("/");
  if (slash >= 0) {
    const service = oneOf(wanted.slice(0, slash), services);
    if (service === undefined) throw unknownService(wanted.slice(0, slash), services);
    return { service, method: wanted.slice(slash + 1) };
  }
  const whole = oneOf(wanted, services);
  if (whole !== undefined) return { service: whole, method: undefined };
  const dot = wanted.lastIndexOf(".");
  const service = dot < 0 ? undefined : oneOf(wanted.slice(0, dot), services);
  if (service === undefined) throw unknownService(wanted, services);
  return { service, method: wanted.slice(dot + 1) };
}

/** Throws `CommandError` with the method that was meant. */
export function findMethod(service: DescService, name: string): DescMethod {
  const found = service.methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  const names = service.methods.map((method) => method.name);
  const meant = nearest(name, names);
  const fix =
    meant === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean ${service.typeName}/${meant}?`;
  throw new CommandError(`${service.typeName} has no method ${name}`, fix, 2);
}

function oneOf(name: string, services: readonly string[]): string | undefined {
  if (services.includes(name)) return name;
  const found = services.filter((service) => service.endsWith(`.${name}`));
  if (found.length > 1) {
    throw new CommandError(`${name} may be ${found.join(" or ")}`, "write more of the name", 2);
  }
  return found[0];
}

function unknownService(name: string, services: readonly string[]): CommandError {
  // Whoever left the package away left it away here too.
  const known = new Map<string, string>();
  for (const service of services) known.set(service.slice(service.lastIndexOf(".") + 1), service);
  for (const service of services) known.set(service, service);
  const withoutMethod = name.slice(0, Math.max(name.lastIndexOf("."), 0));
  const meant = nearest(name, known.keys()) ?? nearest(withoutMethod, known.keys());
  const fix =
    meant === undefined
      ? `it serves ${services.join(", ") || "none"}`
      : `did you mean ${known.get(meant)}? sampan call --list shows all of them`;
  return new CommandError(`there is no service ${name} at the target`, fix, 2);
}
