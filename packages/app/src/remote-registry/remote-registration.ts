import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, RpcError, type Runtime, sleep } from "@sampan/core";
import type { Instance, Registration } from "@sampan/core/ports";
import { checkInstance, DiscoveryErrors } from "@sampan/discovery";
import type { RegisterRequestSchema, RegisterResponse } from "@sampan/protos/sampan/registry/v1/registry_pb.js";
import { AsyncQueue } from "../remote-broker/async-queue.js";
import { LastingStream } from "./lasting-stream.js";
import { instanceToWire } from "./registry-message.js";

type Request = MessageInitShape<typeof RegisterRequestSchema>;

/** What waits for an answer of the registry. */
interface Waiting {
  resolve(): void;
  reject(error: RpcError): void;
}

/**
 * An instance in the registry of another process, for as long as this one keeps the call open. A call that breaks is made
 * again, with what was said of the instance last.
 */
export class RemoteRegistration implements Registration {
  readonly #runtime: Runtime;
  readonly #service: string;
  readonly #ttlMs: number;
  readonly #stream: LastingStream<RegisterResponse>;
  #instance: Instance;
  #requests = new AsyncQueue<Request>();
  /** Requests of the call that is open which have no answer yet. */
  #unanswered = 0;
  #waiting: Waiting[] = [];
  #closing: Promise<void> | undefined;

  constructor(runtime: Runtime, service: string, instance: Instance, ttlMs: number) {
    this.#runtime = runtime;
    this.#service = service;
    this.#instance = instance;
    this.#ttlMs = ttlMs;
    this.#stream = new LastingStream<RegisterResponse>({
      runtime,
      name: `registry/register/${service}`,
      open: (client) => {
        this.#requests = new AsyncQueue<Request>();
        this.#unanswered = 0;
        this.#send();
        return client.register(this.#requests);
      },
      take: () => {
        // An answer to an earlier request does not have what was said since.
        if (--this.#unanswered === 0) for (const { resolve } of this.#waiting.splice(0)) resolve();
      },
      broken: (error) => {
        if (error.code === Code.InvalidArgument) for (const { reject } of this.#waiting.splice(0)) reject(error);
        else this.#warn(error);
      },
    });
  }

  /** Resolves when the registry has what was said last; rejects when it does not want it, or after `limitMs`. */
  async settled(limitMs: number): Promise<void> {
    const known = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const stop = new AbortController();
    const late = sleep(this.#runtime.clock, limitMs, stop.signal).then(
      () => Promise.reject(new RpcError(Code.Unavailable, `the registry has not answered within ${limitMs} ms`)),
      () => {},
    );
    try {
      await Promise.race([known, late]);
    } finally {
      stop.abort();
    }
  }

  async update(change: Partial<Pick<Instance, "health" | "weight" | "labels">>): Promise<void> {
    if (this.#closing !== undefined) throw new RpcError(Code.FailedPrecondition, "the registration is closed");
    const changed = { ...this.#instance, ...change };
    const why = checkInstance(changed);
    if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service: this.#service, why });
    this.#instance = changed;
    this.#send();
    this.#stream.hurry();
    await this.settled(this.#runtime.defaultTimeoutMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Half-closes, and waits for the end, which says that callers can see it; but not for long: a lease ends by itself. */
  async #close(): Promise<void> {
    this.#requests.end();
    const stop = new AbortController();
    const late = sleep(this.#runtime.clock, 1_000, stop.signal).catch(() => {});
    await Promise.race([late, this.#stream.ended()]);
    stop.abort();
    await this.#stream.close();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #send(): void {
    this.#unanswered++;
    this.#requests.push({ service: this.#service, instance: instanceToWire(this.#instance), ttlMs: this.#ttlMs });
  }

  #warn(error: RpcError): void {
    if (this.#closing !== undefined) return;
    const { id } = this.#instance;
    this.#runtime.logger.warn("a registration broke and is made again", {
      service: this.#service,
      instance: id,
      why: error.message,
    });
  }
}
