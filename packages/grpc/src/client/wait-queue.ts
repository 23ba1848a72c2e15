import type { ClientCall } from "./client-call.js";

/** Calls that wait for a connection, first come first served. Bounded; leaving costs no search. */
export class WaitQueue {
  private readonly calls: Set<ClientCall> = new Set();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.calls.size;
  }

  /** False when it is full. */
  add(call: ClientCall): boolean {
    if (this.calls.size >= this.limit) return false;
    this.calls.add(call);
    return true;
  }

  remove(call: ClientCall): void {
    this.calls.delete(call);
  }

  /** Takes the call that has waited longest. */
  shift(): ClientCall | undefined {
    for (const call of this.calls) {
      this.calls.delete(call);
      return call;
    }
    return undefined;
  }

  /** Takes the calls that are meant, all of them when nothing is said. */
  takeAll(meant: (call: ClientCall) => boolean = () => true): ClientCall[] {
    const taken = [...this.calls].filter(meant);
    for (const call of taken) this.calls.delete(call);
    return taken;
  }
}
