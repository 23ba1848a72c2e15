import { type Call, type Method, Runtime } from "@sampan/core";
import type { Channel, Instance, Resolver, ResolverEvent } from "@sampan/core/ports";
import { createFakeClock, EchoService, type FakeClock } from "@sampan/testkit";
import { BalancedChannel } from "./balanced-channel.js";
import type { BalancedChannelOptions } from "./options.js";

type Answer = (request: unknown, call: Call, method: Method) => unknown;

/** A caller of the echo service over instances that answer as the test says; the registry is the test too. */
export class Stage {
  readonly clock: FakeClock = createFakeClock();
  readonly channel: BalancedChannel;
  readonly runtime: Runtime;
  /** Addresses in the order in which calls came to them. */
  readonly calls: string[] = [];
  readonly closed: string[] = [];
  refreshes = 0;
  watchClosed = false;
  readonly answers: Map<string, Answer> = new Map();
  tell: (event: ResolverEvent) => void = () => {};

  constructor(options: Partial<BalancedChannelOptions> = {}) {
    const resolver: Resolver = {
      watch: (_, listener) => {
        this.tell = listener;
        return { close: () => void (this.watchClosed = true), refresh: () => void this.refreshes++ };
      },
      close: () => Promise.resolve(),
    };
    this.channel = new BalancedChannel({
      service: EchoService.typeName,
      resolver,
      connect: (address) => this.#connect(address),
      clock: this.clock,
      cluster: { balancer: "round-robin", random: () => 0 },
      ...options,
    });
    this.runtime = new Runtime({ name: "test", clock: this.clock, connect: () => this.channel });
  }

  instances(...instances: readonly Instance[]): void {
    this.tell({ instances });
  }

  #connect(address: string): Channel {
    return {
      invoke: (method, request, call) => {
        this.calls.push(address);
        const answer = this.answers.get(address);
        if (answer === undefined) throw new Error(`${address} has no answer`);
        return answer(request, call, method);
      },
      close: () => {
        this.closed.push(address);
        return Promise.resolve();
      },
    };
  }
}
