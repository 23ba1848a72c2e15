import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { authorityOption, withAuthority } from "./authority-option.js";

/** `sampan cert rotate-root`. */
export async function rotateRoot(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values } = readOptions("cert", argv, authorityOption);
  return withAuthority(values.authority, async (authority) => {
    const { sequence } = authority.state;
    await authority.rotateRoot();
    const from = new Date(authority.state.roots.at(-1)?.signsFrom ?? 0).toISOString();
    if (authority.state.sequence === sequence) {
      throw new CommandError(`a new root is in the bundle already, and signs from ${from}`, "wait until then");
    }
    print(
      `a new root is in the bundle and signs from ${from}; the old one stays until what it has vouched for has expired`,
    );
    return 0;
  });
}
