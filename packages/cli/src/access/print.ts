import { accessPolicyText } from "@sampan/identity/access";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { platformMethods } from "../platform/contracts.js";
import { platformAccess } from "./platform-access.js";

/** `sampan access print`. */
export async function printAccess(argv: readonly string[], print: (text: string) => void): Promise<number> {
  if (readOptions("access", argv, {}).positionals.length > 0)
    throw new CommandError("sampan access print takes nothing more", "", 2);
  print(accessPolicyText(platformAccess(platformMethods.values())).trimEnd());
  return 0;
}
