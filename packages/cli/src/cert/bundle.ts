import { writeFile } from "node:fs/promises";
import { bundleJson, pem } from "@sampan/identity/certificates";
import { readOptions } from "../command/options.js";
import { authorityOption, withAuthority } from "./authority-option.js";

const shape = { ...authorityOption, pem: { type: "boolean" }, out: { type: "string" } } as const;

/** `sampan cert bundle`. */
export async function printBundle(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values } = readOptions("cert", argv, shape);
  return withAuthority(values.authority, async (authority) => {
    const bundle = authority.bundle();
    const asPem = (): string => bundle.authorities.map((der) => pem("CERTIFICATE", der)).join("");
    const text = values.pem ? asPem() : bundleJson(bundle);
    if (values.out === undefined) print(text.trimEnd());
    else await writeFile(values.out, text);
    return 0;
  });
}
