import {
  Call,
  Code,
  type Handler,
  type Method,
  methods,
  newMessage,
  RpcError,
  Runtime,
  superviseUnary,
} from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { allSections, Governor, governStack, requireRules } from "@sampan/govern";
import { BatchedService, EchoService } from "@sampan/testkit";
import type { MeasuredCase } from "./measured-case.js";
import type { StackCase } from "./stacks.js";

const batchSize = 1000;
/** As tests of a rule would: many, so that keys and choices are looked up, and few, so that they are all known. */
const tenantCount = 16;
const timeoutMs = 30_000;

/** Calls with the layers of a governor around them and a handler that answers at once, asynchronously. */
export class MeasuredStack implements MeasuredCase {
  readonly refused: boolean;
  readonly abreast?: number;
  readonly #runtime = new Runtime({
    name: "bench",
    connect: (service) => {
      throw new TypeError(`${service} is not called`);
    },
  });
  readonly #root = this.#runtime.root({ name: "bench", timeoutMs: 24 * 3600_000 });
  readonly #method: Method;
  readonly #request: unknown;
  readonly #tenants: readonly string[];
  readonly #handler: Handler;
  readonly #server: boolean;
  #answer: Handler;
  #calls = 0;

  private constructor({ side, rules, batched = false, oneTenant = false, refused }: StackCase) {
    const method = methods(batched ? BatchedService : EchoService)[0] as Method;
    this.#method = { ...method, idempotent: true };
    this.#request = newMessage(method.input, batched ? { id: "1" } : { text: "hello" });
    const response = newMessage(method.output, batched ? { id: "1", batchSize: 1 } : { text: "hello" });
    this.#answer = async () => response;
    this.#tenants = Array.from(
      { length: batched ? batchSize : oneTenant ? 1 : tenantCount },
      (_, index) => `tenant-${index}`,
    );
    this.refused = refused !== undefined;
    if (batched) this.abreast = batchSize;
    this.#server = side === "server";
    const governor = rules === undefined ? undefined : this.#governor(rules, refused);
    // One function less in the way than a handler that can be exchanged, where nothing has to be.
    const answer: Handler = this.refused ? (request, call) => this.#answer(request, call) : this.#answer;
    const served = side === "client" ? answer : (governor?.server(answer, this.#method) ?? answer);
    const made = side === "both" ? this.#serving(served) : served;
    this.#handler = side === "server" ? served : (governor?.client(made, this.#method) ?? made);
  }

  static async of(stack: StackCase): Promise<MeasuredStack> {
    const measured = new MeasuredStack(stack);
    if (stack.refused !== undefined) await measured.#bringAbout(stack.refused);
    return measured;
  }

  call(): Promise<unknown> {
    return superviseUnary(this.#handler, this.#request, this.#next());
  }

  #next(deadline: number = this.#runtime.clock.now() + timeoutMs): Call {
    const tenant = this.#tenants[this.#calls++ % this.#tenants.length];
    return new Call({
      runtime: this.#runtime,
      side: this.#server ? "server" : "client",
      name: this.#method.path,
      method: this.#method,
      deadline,
      parent: this.#server ? undefined : this.#root,
      tenant,
    });
  }

  /** The other end: what a transport does with a call, without what carries it. */
  #serving(served: Handler): Handler {
    return (request, { name, method, deadline, tenant }) => {
      const call = new Call({ runtime: this.#runtime, side: "server", name, method, deadline, tenant });
      return superviseUnary(served, request, call);
    };
  }

  #governor(rules: readonly string[], refused: StackCase["refused"]): Governor {
    const late = { turnMs: 60_000, delayMs: 60_000, enter: () => {} };
    const ports = refused === "while the loop is late" ? { loop: late } : { keyValue: memoryKeyValue() };
    const governor = new Governor({ stack: governStack(ports) });
    const listed = rules.map((rule, index) => {
      const match = rule.startsWith("match:") ? "" : `match: { service: ${this.#method.service} }, `;
      return `{ name: rule-${index}, ${match}${rule} }`;
    });
    governor.load(requireRules(`rules: [${listed.join(", ")}]`, "bench", { sections: allSections }));
    return governor;
  }

  async #bringAbout(refused: NonNullable<StackCase["refused"]>): Promise<void> {
    const answer = this.#answer;
    if (refused === "by rate") await this.call();
    if (refused === "after failures") {
      this.#answer = async () => {
        throw new RpcError(Code.Unavailable, "on purpose");
      };
      for (let i = 0; i < 20; i++) await this.call().catch(() => {});
    }
    if (refused === "while one is held") {
      this.#answer = () => new Promise(() => {});
      void superviseUnary(this.#handler, this.#request, this.#next(this.#root.deadline));
    }
    this.#answer = answer;
  }
}
