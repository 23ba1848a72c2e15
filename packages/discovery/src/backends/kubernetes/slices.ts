import type { Instance } from "@sampan/core/ports";
import { type JsonRecord, record, text } from "@sampan/engines";
import { instancesOf, type SliceReading } from "./endpoint-slice.js";

/** Slices of one service; more are left out. One slice holds at most 1000 endpoints, ordinarily 100. */
const maxSlices = 1000;

/**
 * The slices of a service, merged. A decider. An endpoint may be in two slices while it moves from one to the other: it is
 * one instance, and the one that can be used counts.
 */
export class Slices {
  readonly #reading: SliceReading;
  readonly #slices = new Map<string, Instance[]>();

  constructor(reading: SliceReading) {
    this.#reading = reading;
  }

  put(slice: JsonRecord): void {
    const name = nameOf(slice);
    if (this.#slices.has(name) || this.#slices.size < maxSlices)
      this.#slices.set(name, instancesOf(slice, this.#reading));
  }

  remove(slice: JsonRecord): void {
    this.#slices.delete(nameOf(slice));
  }

  instances(): Instance[] {
    const merged = new Map<string, Instance>();
    for (const instances of this.#slices.values())
      for (const instance of instances) {
        const other = merged.get(instance.id);
        if (other === undefined || rank(instance) > rank(other)) merged.set(instance.id, instance);
      }
    return [...merged.values()];
  }
}

function rank({ health, weight }: Instance): number {
  return health === "up" ? 1 + Math.sign(weight) : 0;
}

function nameOf(slice: JsonRecord): string {
  return text(record(slice.metadata).name);
}
