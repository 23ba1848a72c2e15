import { type Client, Code, RpcError, type Runtime, sleep } from "@sampan/core";
import { RegistryService } from "@sampan/protos/sampan/registry/v1/registry_pb.js";

export interface LastingStreamOptions<T> {
  readonly runtime: Runtime;
  /** What it is for; the name of its span. */
  readonly name: string;
  /** Begins the call. */
  readonly open: (client: Client<typeof RegistryService>) => AsyncIterable<T>;
  readonly take: (message: T) => void;
  /** It has failed and is opened again by and by; once for each failure in a row that says something new. */
  readonly broken: (error: RpcError) => void;
  readonly random?: () => number;
}

/** The contract gives a stream ten minutes; the deadline of the call around it must not end it before. */
const streamMs = 600_000;
const firstWaitMs = 50;
const longestWaitMs = 2_000;
/** A stream that is asked to hurry is not opened more often than this. */
const leastWaitMs = 20;

/** A response stream of the registry that is opened again, with backoff, whenever it ends. */
export class LastingStream<T> {
  readonly #options: LastingStreamOptions<T>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #hurry: (() => void) | undefined;
  #failures = 0;
  #onEnd: (() => void)[] = [];

  constructor(options: LastingStreamOptions<T>) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Does not wait any longer, should it be waiting to be opened again. */
  hurry(): void {
    this.#hurry?.();
  }

  /** Resolves when the call that is open now, or the next, has ended. */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#onEnd.push(resolve));
  }

  /** No message after this; resolves when the call has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.hurry();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Never before the owner has what it made.
    await Promise.resolve();
    while (!this.#stop.signal.aborted) {
      const error = await this.#once();
      for (const ended of this.#onEnd.splice(0)) ended();
      if (this.#stop.signal.aborted) return;
      // By its deadline, or because the other side said that it is enough: nothing is wrong.
      if (error === undefined || error.code === Code.DeadlineExceeded) {
        await sleep(this.#options.runtime.clock, leastWaitMs, this.#stop.signal).catch(() => {});
        continue;
      }
      if (this.#failures++ === 0) this.#options.broken(error);
      await this.#pause();
    }
  }

  async #once(): Promise<RpcError | undefined> {
    const { runtime, name, open, take } = this.#options;
    const call = runtime.root({ name, timeoutMs: streamMs });
    const abort = (): void => call.abort();
    this.#stop.signal.addEventListener("abort", abort, { once: true });
    try {
      for await (const message of open(call.to(RegistryService, { waitForReady: false }))) {
        if (this.#stop.signal.aborted) return undefined;
        this.#failures = 0;
        take(message);
      }
      return new RpcError(Code.Unavailable, "the registry has ended the stream");
    } catch (thrown) {
      return RpcError.from(thrown);
    } finally {
      this.#stop.signal.removeEventListener("abort", abort);
      call.settle();
    }
  }

  async #pause(): Promise<void> {
    const { runtime, random = Math.random } = this.#options;
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures - 1, 10)) * (0.5 + random() / 2);
    await sleep(runtime.clock, leastWaitMs, this.#stop.signal).catch(() => {});
    if (this.#stop.signal.aborted) return;
    const hurried = new AbortController();
    this.#hurry = () => hurried.abort();
    await sleep(runtime.clock, Math.max(0, wait - leastWaitMs), hurried.signal).catch(() => {});
    this.#hurry = undefined;
  }
}
