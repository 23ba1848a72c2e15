import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authority, pem, writePkcs12, type X509Svid } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { durationOption, idOf, idOptions, onlyName, withAuthority } from "./authority-option.js";

const shape = {
  ...idOptions,
  ttl: { type: "string" },
  dns: { type: "string", multiple: true },
  out: { type: "string" },
  "password-file": { type: "string" },
} as const;

/** `sampan cert issue <service>`. */
export async function issueCertificate(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("cert", argv, shape);
  const name = onlyName("issue", positionals);
  const { out, dns = [] } = values;
  if (out === undefined)
    throw new CommandError("sampan cert issue needs --out", "a folder for PEM files, or a file that ends in .p12", 2);
  const ttlMs = durationOption("ttl", values.ttl);
  const isPkcs12 = /\.(p12|pfx)$/.test(out);
  const password = isPkcs12 ? await readPassword(values["password-file"]) : undefined;
  return withAuthority(values.authority, async (authority) => {
    const id = idOf(authority, name, values.namespace);
    const svid = authority.issue(id, { dnsNames: dns, ...(ttlMs === undefined ? {} : { ttlMs }) });
    if (password === undefined) await writePems(out, svid, authority);
    else await writeOwn(out, writePkcs12(svid, { password, authorities: authority.bundle().authorities }));
    print(`${id} until ${new Date(svid.notAfter).toISOString()}, in ${out}`);
    return 0;
  });
}

/** As Kubernetes names them, so that a secret can be made of the folder. The certificate is last: whoever watches it finds the key. */
async function writePems(folder: string, svid: X509Svid, authority: Authority): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const certificates = (ders: readonly Uint8Array[]): string => ders.map((der) => pem("CERTIFICATE", der)).join("");
  await writeOwn(join(folder, "tls.key"), pem("PRIVATE KEY", svid.privateKey));
  await writeFile(join(folder, "ca.crt"), certificates(authority.bundle().authorities));
  await writeFile(join(folder, "tls.crt"), certificates(svid.chain));
}

/** For the owner only, also when the file was there with other permissions. */
async function writeOwn(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, "", { mode: 0o600 });
  await chmod(path, 0o600);
  await writeFile(path, content);
}

/** From a file, because an argument is seen by everybody on the machine. */
async function readPassword(file: string | undefined): Promise<string> {
  if (file === undefined)
    throw new CommandError("a PKCS#12 file needs --password-file", "a file whose first line is the password", 2);
  try {
    return (await readFile(file, "utf8")).split(/\r?\n/)[0] as string;
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
}
