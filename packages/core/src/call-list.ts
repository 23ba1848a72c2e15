/**
 * Calls that come and go: added, deleted and counted in constant time, in no order. Each keeps its place in the list
 * under `key`.
 *
 * Hot, and not a `Set`: a Set that is added to and deleted from for ever replaces its table every few hundred calls,
 * and each old table refers to the next. Once one of them is old, V8's young collections keep all that follow alive,
 * with the calls in them: half of all calls were promoted, and collection took 40 % of the time (bench `unary`, `client`).
 */
export class CallList<K extends string, T extends { [P in K]: number }> {
  private readonly calls: T[] = [];
  private readonly key: K;

  constructor(key: K) {
    this.key = key;
  }

  get size(): number {
    return this.calls.length;
  }

  add(call: T): void {
    (call as { [P in K]: number })[this.key] = this.calls.length;
    this.calls.push(call);
  }

  /** No effect when it is not in the list. */
  delete(call: T): void {
    const at = call[this.key] as number;
    if (this.calls[at] !== call) return;
    const last = this.calls.pop() as T;
    if (last === call) return;
    this.calls[at] = last;
    (last as { [P in K]: number })[this.key] = at;
  }

  /** The calls of this moment. */
  toArray(): T[] {
    return this.calls.slice();
  }
}
