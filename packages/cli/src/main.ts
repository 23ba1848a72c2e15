#!/usr/bin/env node
import { SettingsError } from "@sampan/config";
import { RpcError } from "@sampan/core";
import { GatewayErrors } from "@sampan/gateway";
import type { Command } from "./command/command.js";
import { CommandError } from "./command/command-error.js";

/** Loaded when it is asked for: `sampan --help` need not wait for databases. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./commands/up.js")).up,
  journey: async () => (await import("./commands/journey.js")).journey,
  replay: async () => (await import("./commands/replay.js")).replay,
};

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log("sampan <command> [options]\n");
    for (const load of Object.values(commands)) {
      const command = await load();
      console.log(`  ${command.name.padEnd(10)}${command.summary}`);
    }
    console.log("\nsampan <command> --help says more.");
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    throw new CommandError(`there is no command ${name}`, `use one of ${Object.keys(commands).join(", ")}`, 2);
  }
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(command.help);
    return 0;
  }
  return command.run(rest);
}

function explain(error: unknown): number {
  if (error instanceof CommandError) {
    console.error(`sampan: ${error.message}${error.fix === "" ? "" : `\n        ${error.fix}`}`);
    return error.status;
  }
  if (error instanceof SettingsError) {
    console.error(error.message);
    return 2;
  }
  if (GatewayErrors.ADDRESS_IN_USE.is(error)) {
    console.error(`sampan: ${error.message}\n        ${GatewayErrors.ADDRESS_IN_USE.definition.fix}, or use --port`);
    return 1;
  }
  if (error instanceof RpcError) {
    console.error(`sampan: ${error.message}`, error.cause ?? "");
    return 1;
  }
  console.error(error);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
