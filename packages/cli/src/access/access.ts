import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";

const help = `sampan access <what>: who may call what, between services that prove who they are; touches nothing that runs

  sampan access print                 prints the platform's own policy, which --mtls enforces
  sampan access check <file>          lists every error of a policy with its line and column
  sampan access explain --from <caller> --to <service/method> [--policy <file>]
                 [--trust-domain <name>] [--namespace <name>]
                                      says what is decided, by which rule, and what each other rule has to do with it

  A caller is the name of a service, such as order, or a SPIFFE id. Without --policy the platform's own is asked.
  Processes follow the file that --access.policy names; --access.mode shadow tells what it would deny, and denies nothing.
  --help`;

type Part = (argv: readonly string[], print: (text: string) => void) => Promise<number>;

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  print: async () => (await import("./print.js")).printAccess,
  check: async () => (await import("./check.js")).checkAccess,
  explain: async () => (await import("./explain.js")).explainAccessOf,
};

/** Runs one part; resolves with the exit status. Throws `CommandError`. */
export async function runAccess(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const [name = "", ...rest] = argv;
  const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (load === undefined) {
    const names = Object.keys(parts).join(", ");
    throw new CommandError(
      name === "" ? "sampan access needs to know what" : `there is no sampan access ${name}`,
      `use one of ${names}`,
      2,
    );
  }
  return (await load())(rest, print);
}

export const access: Command = {
  name: "access",
  summary: "check and explain who may call what",
  help,
  run: (argv) => runAccess(argv, (text) => console.log(text)),
};
