import { nearest } from "@sampan/config";
import type { Command } from "./command.js";
import { CommandError } from "./command-error.js";

/** Commands by name, loaded when they are asked for: most need databases, and `sampan --help` none. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** Runs what a command line says; resolves with the exit status. Throws what the command throws, and `CommandError`. */
export async function sampan(
  commands: Commands,
  argv: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    print("sampan <command> [options]\n");
    for (const load of Object.values(commands)) {
      const command = await load();
      print(`  ${command.name.padEnd(10)}${command.summary}`);
    }
    print("\nsampan <command> --help says more.");
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    const meant = nearest(name, Object.keys(commands));
    const fix = meant === undefined ? `use one of ${Object.keys(commands).join(", ")}` : `did you mean ${meant}?`;
    throw new CommandError(`there is no command ${name}`, fix, 2);
  }
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    print(command.help);
    return 0;
  }
  return command.run(rest);
}
