import type { RpcError } from "@sampan/core";

/** Errors of one guard that are kept; hints beyond these many different values begin anew. */
const kept = 64;

/**
 * The refusals of one guard, made once for each retry hint and then thrown again: an error with its stack and its packed
 * details costs several microseconds, which is what an overloaded process has least of (bench `govern`). Hints are
 * rounded up to two digits, so that there are few of them.
 */
export class Refusals {
  readonly #make: (retryMs: number) => RpcError;
  readonly #made = new Map<number, RpcError>();

  constructor(make: (retryMs: number) => RpcError) {
    this.#make = make;
  }

  after(retryMs: number): RpcError {
    const rounded = roundUp(retryMs);
    let error = this.#made.get(rounded);
    if (error === undefined) {
      if (this.#made.size >= kept) this.#made.clear();
      error = this.#make(rounded);
      this.#made.set(rounded, error);
    }
    return error;
  }
}

function roundUp(ms: number): number {
  let step = 1;
  while (ms > 100 * step) step *= 10;
  return Math.max(1, Math.ceil(ms / step) * step);
}
