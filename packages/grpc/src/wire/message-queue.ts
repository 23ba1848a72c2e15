/** What a queue's owner hears of its reader. */
export interface QueueOwner {
  /** A message was read: its octets may return to the peer. */
  onPulled(owed: number, held: number): void;
  /** The queue has become empty, or is no longer. */
  onEmpty(empty: boolean): void;
  /** The reader has stopped before the end. */
  onReturned(): void;
  /** The error that was given to `end` is about to be thrown to the reader. */
  onThrown?(thrown: unknown): void;
}

interface Entry {
  readonly message: unknown;
  readonly owed: number;
  readonly held: number;
}

interface Pull {
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

const done: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * Messages between a stream and the code that reads them: an iterator that is fed. Not a generator, because each of
 * its steps costs a promise more (bench `stream`). What it holds is bounded by the receive windows.
 */
export class MessageQueue implements AsyncIterableIterator<unknown> {
  private readonly owner: QueueOwner;
  private entries: Entry[] = [];
  private first = 0;
  private readonly pulls: Pull[] = [];
  private ended = false;
  private error: unknown = undefined;
  private aborted: unknown = undefined;

  constructor(owner: QueueOwner) {
    this.owner = owner;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  push(message: unknown, owed: number, held: number): void {
    if (this.ended) {
      this.owner.onPulled(owed, held);
      return;
    }
    const pull = this.pulls.shift();
    if (pull !== undefined) {
      this.owner.onPulled(owed, held);
      pull.resolve({ done: false, value: message });
      return;
    }
    if (this.first === this.entries.length) this.owner.onEmpty(false);
    this.entries.push({ message, owed, held });
  }

  /** The last message has been pushed; `error` is thrown to the reader behind it. */
  end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    for (const pull of this.pulls.splice(0)) {
      const thrown = this.takeError();
      if (thrown === undefined) pull.resolve(done);
      else pull.reject(thrown);
    }
  }

  /** Every read fails with `error` from now on, also those that wait. */
  abort(error: unknown): void {
    this.aborted = error;
    for (const { reject } of this.pulls.splice(0)) reject(error);
  }

  /** It is thrown once. */
  private takeError(): unknown {
    const thrown = this.error;
    this.error = undefined;
    if (thrown !== undefined) this.owner.onThrown?.(thrown);
    return thrown;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.aborted !== undefined) return Promise.reject(this.aborted);
    if (this.first < this.entries.length) return Promise.resolve({ done: false, value: this.shift() });
    if (!this.ended) return new Promise((resolve, reject) => this.pulls.push({ resolve, reject }));
    const thrown = this.takeError();
    return thrown === undefined ? Promise.resolve(done) : Promise.reject(thrown);
  }

  return(): Promise<IteratorResult<unknown>> {
    const open = !this.ended;
    this.error = undefined;
    this.end();
    while (this.first < this.entries.length) this.shift();
    if (open) this.owner.onReturned();
    return Promise.resolve(done);
  }

  private shift(): unknown {
    const entry = this.entries[this.first++] as Entry;
    if (this.first === this.entries.length) {
      this.entries = [];
      this.first = 0;
    }
    this.owner.onPulled(entry.owed, entry.held);
    if (this.first === this.entries.length) this.owner.onEmpty(true);
    return entry.message;
  }
}
