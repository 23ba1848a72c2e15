import { authorityFolder, createAuthority, type Lives } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { authorityOption, defaultFolder, durationOption } from "./authority-option.js";

const text = { type: "string" } as const;

/** `sampan cert init`. */
export async function initAuthority(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("cert", argv, {
    ...authorityOption,
    "trust-domain": text,
    "root-life": text,
    "intermediate-life": text,
    life: text,
    overlap: text,
  });
  const trustDomain = values["trust-domain"];
  if (positionals.length > 0) throw new CommandError(`sampan cert init takes no ${positionals[0]}`, "", 2);
  if (trustDomain === undefined) {
    throw new CommandError(
      "sampan cert init needs --trust-domain",
      "a name that is yours, such as shop.example; it is in every id",
      2,
    );
  }
  const folder = values.authority ?? defaultFolder;
  const store = authorityFolder(folder);
  if ((await store.load()) !== undefined) {
    throw new CommandError(`there is an authority in ${folder} already`, "name another folder with --authority");
  }
  const given = {
    rootMs: durationOption("root-life", values["root-life"]),
    intermediateMs: durationOption("intermediate-life", values["intermediate-life"]),
    svidMs: durationOption("life", values.life),
    overlapMs: durationOption("overlap", values.overlap),
  };
  const lives = Object.fromEntries(Object.entries(given).filter(([, ms]) => ms !== undefined)) as Partial<Lives>;
  (await createAuthority(trustDomain, { store, lives })).close();
  print(`an authority for ${trustDomain} is in ${folder}; whoever can read it can be every service`);
  return 0;
}
