import { type CallOptions, Code, Metadata, RpcError, type Runtime, sleep } from "@sampan/core";
import { SpiffeWorkloadAPI } from "@sampan/protos/spiffe/workload/workload_pb.js";
import type { X509Context, X509Source } from "../source/x509-source.js";
import { readSvidResponse } from "./workload-messages.js";

export interface WorkloadSourceOptions {
  /** Connects the service `SpiffeWorkloadAPI` to the socket. */
  readonly runtime: Runtime;
  /** Which of several identities; default: the first. */
  readonly hint?: string;
  /** Hears when the stream has failed or has sent what cannot be used; it is opened again with backoff. */
  readonly failed?: (error: RpcError) => void;
  /** How long `workloadSource` waits for the first identity, ms. Default 30000. */
  readonly firstWithinMs?: number;
  /** Aborting it ends that wait: `workloadSource` rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly random?: () => number;
}

/** A stream that lasts longer is opened anew; nothing is lost, since each begins with the full state. */
const streamMs = 3_600_000;
const firstWaitMs = 100;
const longestWaitMs = 30_000;

/**
 * An identity from a Workload API: ours, SPIRE's or any other. Resolves with the first; rejects when none has come in
 * time, and at once when the API says that the call is wrong. While the API is away the last identity stays.
 */
export async function workloadSource(options: WorkloadSourceOptions): Promise<X509Source> {
  const source = new WorkloadSource(options);
  try {
    await source.first(options.firstWithinMs ?? 30_000, options.signal);
  } catch (error) {
    source.close();
    throw error;
  }
  return source;
}

class WorkloadSource implements X509Source {
  readonly #options: WorkloadSourceOptions;
  readonly #watchers = new Set<() => void>();
  readonly #stop = new AbortController();
  #context: X509Context | undefined;
  #lastError: RpcError | undefined;
  #failures = 0;
  #arrived: () => void = () => {};

  constructor(options: WorkloadSourceOptions) {
    this.#options = options;
  }

  async first(withinMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { clock } = this.#options.runtime;
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    void this.#run();
    const giveUp = new AbortController();
    const abort = (): void => giveUp.abort();
    signal?.addEventListener("abort", abort, { once: true });
    await Promise.race([arrived, sleep(clock, withinMs, giveUp.signal).catch(() => {})]);
    signal?.removeEventListener("abort", abort);
    giveUp.abort();
    signal?.throwIfAborted();
    if (this.#context === undefined) {
      throw (
        this.#lastError ?? new RpcError(Code.DeadlineExceeded, `the Workload API has not answered in ${withinMs} ms`)
      );
    }
  }

  current(): X509Context {
    return this.#context as X509Context;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  close(): void {
    this.#stop.abort();
    this.#watchers.clear();
  }

  async #run(): Promise<void> {
    const { runtime, failed = () => {}, random = Math.random } = this.#options;
    while (!this.#stop.signal.aborted) {
      const error = await this.#stream();
      if (this.#stop.signal.aborted) return;
      if (error.code === Code.DeadlineExceeded && this.#failures === 0) continue;
      this.#lastError = error;
      failed(error);
      // "InvalidArgument: the client should not retry" (Workload Endpoint, section 6); before there is anything to lose.
      if (error.code === Code.InvalidArgument && this.#context === undefined) {
        this.#arrived();
        return;
      }
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures++, 16)) * (0.5 + random() / 2);
      await sleep(runtime.clock, wait, this.#stop.signal).catch(() => {});
    }
  }

  /** Resolves with why it ended. */
  async #stream(): Promise<RpcError> {
    const { runtime, hint, failed = () => {} } = this.#options;
    const call = runtime.root({ name: "spiffe/fetch-x509-svid", timeoutMs: streamMs });
    const abort = (): void => call.abort();
    this.#stop.signal.addEventListener("abort", abort, { once: true });
    const options: CallOptions = { metadata: Metadata.of({ "workload.spiffe.io": "true" }) };
    try {
      for await (const message of call.to(SpiffeWorkloadAPI, options).fetchX509SVID({})) {
        try {
          this.#context = readSvidResponse(message, hint);
        } catch (error) {
          this.#lastError = RpcError.from(error);
          failed(this.#lastError);
          continue;
        }
        this.#failures = 0;
        this.#arrived();
        for (const changed of [...this.#watchers]) changed();
      }
      return new RpcError(Code.Unavailable, "the Workload API has ended the stream");
    } catch (error) {
      return RpcError.from(error);
    } finally {
      this.#stop.signal.removeEventListener("abort", abort);
      call.settle();
    }
  }
}
