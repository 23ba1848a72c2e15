import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";

const help = `sampan cert <what>: a small certificate authority in a folder, and its certificates

  sampan cert init --trust-domain shop.example [--root-life 365d] [--intermediate-life 24h] [--life 1h] [--overlap 1h]
                                      makes the authority; its keys are readable for their owner only
  sampan cert issue <service|spiffe-id> --out <folder> [--namespace default] [--ttl 1h] [--dns name …]
                                      writes tls.crt, tls.key and ca.crt (PEM) into the folder
  sampan cert issue <service|spiffe-id> --out <file.p12> --password-file <file> [--namespace …] [--ttl …] [--dns …]
                                      writes key and certificates as PKCS#12
  sampan cert show [<file>]           the authority, or what the certificates of a file say
  sampan cert revoke <service|spiffe-id> [--namespace default]
                                      revokes all that an id has, and issues no more for it
  sampan cert revoke --serial <hex> | --file <tls.crt>
                                      revokes one certificate
  sampan cert allow <service|spiffe-id> [--namespace default]
                                      issues for a revoked id again; what it had stays revoked
  sampan cert rotate-root             brings a new root into the bundle, which signs after the overlap
  sampan cert bundle [--pem] [--out <file>]
                                      prints the trust bundle as a JSON Web Key Set, or as certificates

  --authority <folder>  where the authority is; default .sampan/authority. A process that runs on it follows within a second
  --help`;

export type Part = (argv: readonly string[], print: (text: string) => void) => Promise<number>;

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  init: async () => (await import("./init.js")).initAuthority,
  issue: async () => (await import("./issue.js")).issueCertificate,
  show: async () => (await import("./show.js")).showCertificates,
  revoke: async () => (await import("./revoke.js")).revokeCertificates,
  allow: async () => (await import("./revoke.js")).allowService,
  "rotate-root": async () => (await import("./rotate-root.js")).rotateRoot,
  bundle: async () => (await import("./bundle.js")).printBundle,
};

export const cert: Command = {
  name: "cert",
  summary: "certificates: make an authority, issue, show, revoke, rotate",
  help,
  async run(argv) {
    return runCert(argv, (text) => console.log(text));
  },
};

export async function runCert(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const [name = "", ...rest] = argv;
  const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (load === undefined) {
    const names = Object.keys(parts).join(", ");
    const message = name === "" ? "sampan cert needs to know what" : `there is no sampan cert ${name}`;
    throw new CommandError(message, `use one of ${names}`, 2);
  }
  return (await load())(rest, print);
}
