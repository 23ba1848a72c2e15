import { nearest } from "@sampan/config";
import { CommandError } from "../command/command-error.js";
import { type Instances, readInstances, requireSplit } from "../split/instances.js";

/** What `sampan up` was told. */
export interface UpFlags {
  readonly fresh: boolean;
  /** Each service as a process of its own. */
  readonly split: boolean;
  /** How many processes a service has, with `split`. */
  readonly instances: Instances;
  /** They prove to each other who they are; implies `split`. */
  readonly mtls: boolean;
  /** Settings flags, with `--data`, `--port` and `--standin` under the names that they have as settings. */
  readonly argv: readonly string[];
}

/** Own flags that are short for a setting. As settings, so that one that is given both ways is given twice. */
const short: Readonly<Record<string, string>> = {
  "--data": "--process.data",
  "--port": "--gateway.port",
  "--standin": "--platform.standin-port",
};
const ownFlags = [...Object.keys(short), "--fresh", "--split", "--mtls", "--instances", "--help"];

/**
 * Takes out the command's own flags; the rest are settings, which know their names and complain about others. Throws
 * `CommandError` for an own flag that is not well given, and for one that does not exist.
 */
export function readUpFlags(args: readonly string[]): UpFlags {
  const argv: string[] = [];
  const given = { "--fresh": false, "--split": false, "--mtls": false };
  let instances: Instances = new Map();
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string;
    const equals = argument.indexOf("=");
    const name = equals === -1 ? argument : argument.slice(0, equals);
    const setting = short[name];
    if (setting !== undefined) {
      const value = equals === -1 ? args[++i] : argument.slice(equals + 1);
      argv.push(`${setting}=${checked(name, value)}`);
    } else if (name === "--fresh" || name === "--split" || name === "--mtls") {
      if (equals !== -1) throw new CommandError(`${name} takes no value`, "give it, or leave it out", 2);
      given[name] = true;
    } else if (name === "--instances") {
      instances = readInstances(checked(name, equals === -1 ? args[++i] : argument.slice(equals + 1)));
    } else if (name.startsWith("--") && !name.includes(".")) {
      const meant = nearest(name, ownFlags);
      const fix = "sampan up --help lists the flags, sampan settings those of every setting";
      throw new CommandError(`there is no flag ${name}`, meant === undefined ? fix : `did you mean ${meant}?`, 2);
    } else argv.push(argument);
  }
  const mtls = given["--mtls"];
  const split = given["--split"] || mtls;
  requireSplit(instances, split);
  return { fresh: given["--fresh"], split, instances, mtls, argv };
}

function checked(name: string, value: string | undefined): string {
  if (value === undefined || value === "" || value.startsWith("--")) {
    throw new CommandError(`${name} needs a value`, "sampan up --help says which", 2);
  }
  if (name !== "--data" && name !== "--instances" && !(/^\d{1,5}$/.test(value) && Number(value) <= 65_535)) {
    throw new CommandError(`${name} ${value} is not a port`, "give a number from 0 to 65535; 0 picks a free one", 2);
  }
  return value;
}
