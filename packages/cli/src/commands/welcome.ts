import { relative } from "node:path";
import type { Platform } from "../platform/start-platform.js";

/** What is shown of a platform. */
export type Shown = Pick<Platform, "url" | "standinUrl" | "adminUrl" | "operatorKey" | "folder"> & {
  /** Of the services, when they have some of their own. */
  readonly processes?: { readonly size: number };
  /** With mTLS. */
  readonly identities?: { readonly names: { readonly trustDomain: string; readonly namespace: string } } | undefined;
};

/** What a person sees when the platform is ready: where it is, and what to try. */
export function welcome(platform: Shown, ms: number): string {
  const { url, standinUrl, adminUrl, operatorKey, folder } = platform;
  const data = shortest(folder.path);
  const ownKey = operatorKey === folder.operatorKey;
  const journey = [
    `npm run journey -- --url ${url} --standin ${standinUrl || "<address of a stand-in>"}`,
    ownKey ? `--data ${quoted(data)}` : "--operator-key <key>",
  ];
  return `
Sampan is ready after ${Math.round(ms)} ms, with ${folder.isNew ? "a new installation" : "what was there before"} in ${data}
${folder.kept.length === 0 ? "" : `Not deleted, because Sampan did not make it: ${folder.kept.join(", ")}\n`}
  gateway     ${url}
  stand-in    ${standinUrl === "" ? "(none: another one, or the real platform)" : `${standinUrl}    users, codes and payments for development`}
  admin       ${adminUrl === "" ? "(off)" : `${adminUrl}    health, metrics, traces`}
  services    ${servicesOf(platform)}
  operator    the key is ${ownKey ? `in ${data}/operator-key` : "the one that the settings say"}

Try:
  curl ${url}/v1/products
  ${journey.join(" ")}

Ctrl-C finishes the work in hand and stops.
`;
}

function servicesOf({ processes, identities }: Shown): string {
  if (processes === undefined) return "in this process";
  if (identities === undefined) return `${processes.size} processes, over gRPC`;
  const { trustDomain, namespace } = identities.names;
  const ids = `spiffe://${trustDomain}/ns/${namespace}/sa/<service>`;
  return `${processes.size} processes, over mTLS as ${ids}; the access policy is enforced`;
}

/** As people would write it where they are. */
function shortest(path: string): string {
  const local = relative(process.cwd(), path);
  return local === "" || local.startsWith("..") ? path : local;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
