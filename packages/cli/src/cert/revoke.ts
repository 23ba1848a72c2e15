import { readFile } from "node:fs/promises";
import { readCertificate, readPem } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { idOf, idOptions, onlyName, withAuthority } from "./authority-option.js";

const shape = { ...idOptions, serial: { type: "string" }, file: { type: "string" } } as const;

/** `sampan cert revoke`. */
export async function revokeCertificates(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("cert", argv, shape);
  const { serial, file } = values;
  if ([serial, file, positionals[0]].filter((each) => each !== undefined).length !== 1) {
    throw new CommandError("sampan cert revoke takes a service, --serial or --file", "one of them", 2);
  }
  return withAuthority(values.authority, async (authority) => {
    if (serial !== undefined || file !== undefined) {
      const which = serial ?? (await serialOf(file as string));
      await authority.revokeSerial(which);
      print(`the certificate ${which} is revoked`);
    } else {
      const id = idOf(authority, onlyName("revoke", positionals), values.namespace);
      await authority.revokeId(id);
      print(`every certificate of ${id} is revoked, and no more is issued; sampan cert allow ends that`);
    }
    return 0;
  });
}

/** `sampan cert allow <service>`. */
export async function allowService(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("cert", argv, idOptions);
  return withAuthority(values.authority, async (authority) => {
    const id = idOf(authority, onlyName("allow", positionals), values.namespace);
    if (!authority.state.revokedIds.some((each) => each.id === id && each.blocked)) {
      throw new CommandError(`${id} is not revoked`, "sampan cert show lists what is");
    }
    await authority.allowId(id);
    print(`${id} gets certificates again; what it had before stays revoked`);
    return 0;
  });
}

async function serialOf(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
  return readCertificate(readPem("CERTIFICATE", text)[0] as Uint8Array).serial;
}
