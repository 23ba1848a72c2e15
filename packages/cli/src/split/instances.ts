import { nearest } from "@sampan/config";
import { CommandError } from "../command/command-error.js";

/** How many processes run a service, by its name; one that is not named has one, at a fixed place. */
export type Instances = ReadonlyMap<string, number>;

/** More would only take each other's processor time. */
const mostOfOne = 16;
/** Those that keep everything in their database. */
const several: ReadonlySet<string> = new Set(["user", "catalog", "inventory"]);
/** Why the others have one. */
const one: Readonly<Record<string, string>> = {
  gateway: "it has the one door to the outside",
  auth: "it makes the keys that it signs with",
  order: "its sagas are run by the process that began them",
  payment: "its sagas are run by the process that began them",
  notification: "it only takes messages from a queue, for which one is enough",
};

/** Reads `inventory=3,user=2`. Throws `CommandError`. */
export function readInstances(text: string): Instances {
  const instances = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, service, digits] = /^([a-z-]+)=(\d{1,4})$/.exec(part.trim()) ?? [];
    if (service === undefined)
      throw wrong(
        `${JSON.stringify(part)} is no number of instances`,
        "write --instances inventory=3, or more such pairs with commas",
      );
    const count = Number(digits);
    if (one[service] !== undefined) throw wrong(`${service} cannot have several instances: ${one[service]}`, theyCan);
    if (!several.has(service)) {
      const meant = nearest(service, [...several]);
      throw wrong(`there is no service ${service}`, meant === undefined ? theyCan : `did you mean ${meant}?`);
    }
    if (instances.has(service)) throw wrong(`${service} is there twice`, "name each service once");
    if (count < 1 || count > mostOfOne)
      throw wrong(`${service}=${count} is not a number of instances`, `give one from 1 to ${mostOfOne}`);
    instances.set(service, count);
  }
  return instances;
}

/** Throws `CommandError`: in one process there is one of each. */
export function requireSplit(instances: Instances, split: boolean): void {
  if (instances.size > 0 && !split) throw wrong("in one process each service is there once", "add --split");
}

const theyCan = `${[...several].join(", ")} can`;

function wrong(problem: string, fix: string): CommandError {
  return new CommandError(`--instances: ${problem}`, fix, 2);
}

/** The names of a service's processes: its own, or with a number when it was given a number of instances. */
export function processNames(service: string, instances: Instances): readonly string[] {
  const count = instances.get(service);
  if (count === undefined) return [service];
  return Array.from({ length: count }, (_, i) => `${service}-${i + 1}`);
}
