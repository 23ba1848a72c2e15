import { readFile } from "node:fs/promises";
import { type Authority, type Certificate, readCertificate, readPem } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { authorityOption, withAuthority } from "./authority-option.js";

/** `sampan cert show [file]`. */
export async function showCertificates(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("cert", argv, authorityOption);
  const [file, ...more] = positionals;
  if (more.length > 0) throw new CommandError("sampan cert show takes one file", "", 2);
  if (file === undefined) return withAuthority(values.authority, (authority) => showAuthority(authority, print));
  for (const der of readPem("CERTIFICATE", await read(file))) print(describe(readCertificate(der), Date.now()));
  return 0;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
}

/** One certificate, on a few lines. */
export function describe(certificate: Certificate, now: number): string {
  const { uris, dnsNames, serial, notBefore, notAfter, isAuthority } = certificate;
  const when = now < notBefore ? "does not hold yet" : now >= notAfter ? "has expired" : "holds";
  return [
    `${uris.join(", ") || "(no URI)"}${isAuthority ? "  (authority)" : ""}`,
    `    serial  ${serial}`,
    ...(dnsNames.length === 0 ? [] : [`    names   ${dnsNames.join(", ")}`]),
    `    ${when}: ${iso(notBefore)} to ${iso(notAfter)}`,
  ].join("\n");
}

function showAuthority(authority: Authority, print: (text: string) => void): number {
  const { state } = authority;
  const now = Date.now();
  const role = (signsFrom: number, retiredAt: number | undefined): string =>
    retiredAt !== undefined
      ? `retired since ${iso(retiredAt)}`
      : signsFrom > now
        ? `signs from ${iso(signsFrom)}`
        : "signs";
  print(`${state.trustDomain}: bundle ${state.sequence}, revocation list ${state.listNumber}`);
  for (const kind of ["roots", "intermediates"] as const) {
    for (const { serial, notAfter, signsFrom, retiredAt } of state[kind]) {
      print(`  ${kind.slice(0, -1).padEnd(13)}${serial}  until ${iso(notAfter)}, ${role(signsFrom, retiredAt)}`);
    }
  }
  for (const { serial, at } of state.revokedSerials) print(`  revoked      ${serial}  since ${iso(at)}`);
  for (const { id, at, blocked } of state.revokedIds) {
    print(`  revoked      ${id}  what was issued until ${iso(at)}${blocked ? ", and nothing new" : ""}`);
  }
  return 0;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
