import { parseDuration } from "@sampan/config";
import {
  type Authority,
  authorityFolder,
  openAuthority,
  parseSpiffeId,
  serviceId,
} from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";

export const authorityOption = { authority: { type: "string" } } as const;
export const idOptions = { ...authorityOption, namespace: { type: "string" } } as const;

export const defaultFolder = ".sampan/authority";

/** Opens the authority, works with it and closes it. Throws `CommandError` when there is none. */
export async function withAuthority<T>(
  folder: string | undefined,
  work: (authority: Authority) => T | Promise<T>,
): Promise<T> {
  const path = folder ?? defaultFolder;
  const store = authorityFolder(path);
  if ((await store.load()) === undefined) {
    throw new CommandError(
      `there is no authority in ${path}`,
      "make one with sampan cert init, or name its folder with --authority",
    );
  }
  const authority = await openAuthority({ store });
  try {
    return await work(authority);
  } finally {
    authority.close();
  }
}

/** `order`, in a namespace of the authority's trust domain, or a whole SPIFFE id. */
export function idOf(authority: Authority, name: string, namespace = "default"): string {
  if (!name.includes("/")) return serviceId(authority.trustDomain, namespace, name);
  parseSpiffeId(name);
  return name;
}

/** The one argument that is not an option. Throws `CommandError`. */
export function onlyName(command: string, positionals: readonly string[]): string {
  const [name, ...more] = positionals;
  if (name !== undefined && more.length === 0) return name;
  throw new CommandError(`sampan cert ${command} takes the name of one service, or its SPIFFE id`, "such as order", 2);
}

export function durationOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new CommandError(`--${name} ${text} is no duration`, "write 30m, 1h or 365d", 2);
  return ms;
}
