import assert from "node:assert/strict";
import {
  type Call,
  type Client,
  Dispatcher,
  type Implementation,
  implement,
  type Layer,
  type RootOptions,
  RpcError,
  Runtime,
  type RuntimeOptions,
} from "@sampan/core";
import type { Channel, Listener } from "@sampan/core/ports";
import { createFakeClock, type FakeClock, settled } from "../fake-clock.js";
import { EchoService, RelayService } from "../gen/sampan/test/v1/echo_pb.js";
import { type LogLine, logTo } from "../log-to.js";
import { echoing, relaying } from "./echo.js";
import type { TransportFactory, TransportSubject } from "./subject.js";

/** What differs from test to test; the rest echoes. */
export interface Cast {
  readonly echo?: Partial<Implementation<typeof EchoService>>;
  readonly relay?: Partial<Implementation<typeof RelayService>>;
  /** Around the methods of both servers. */
  readonly serverLayers?: readonly Layer[];
  readonly runtimes?: Partial<Record<Role, Partial<RuntimeOptions>>>;
  readonly maxMessageBytes?: number;
}

export type Role = "client" | "relay" | "echo";

/** Three processes, each with a runtime of its own: a client, a relay that calls on, and the echo behind it. */
export interface Stage {
  readonly subject: TransportSubject;
  /** Everybody's time. */
  readonly clock: FakeClock;
  readonly runtimes: Readonly<Record<Role, Runtime>>;
  readonly servers: Readonly<Record<"relay" | "echo", { dispatcher: Dispatcher; listener: Listener }>>;
  /** Lines that the servers have logged. */
  readonly logged: readonly LogLine[];
  /** Calls below a root call that lasts as long as the play. */
  readonly echo: Client<typeof EchoService>;
  readonly relay: Client<typeof RelayService>;
  /** Another root call of the client, settled when the play ends. */
  root(options?: Partial<RootOptions>): Call;
  quiet(): Promise<void>;
}

/** Sets the stage, plays, and then sees that nothing is left behind: no open call, no deadline, no abandoned handler. */
export async function play(factory: TransportFactory, cast: Cast, act: (stage: Stage) => Promise<void>): Promise<void> {
  const subject = await factory({ maxMessageBytes: cast.maxMessageBytes ?? 16 * 1024 * 1024 });
  const clock = createFakeClock();
  const logged: LogLine[] = [];
  const channels: Channel[] = [];
  const addresses = new Map<string, string>();
  const runtime = (name: Role): Runtime => {
    const connect = (service: string): Channel => {
      const channel = subject.client.connect(addresses.get(service) ?? echo.listener.address);
      channels.push(channel);
      return channel;
    };
    return new Runtime({ name, connect, clock, logger: logTo(logged), ...cast.runtimes?.[name] });
  };
  const runtimes = { client: runtime("client"), relay: runtime("relay"), echo: runtime("echo") };
  const serve = async (dispatcher: Dispatcher): Promise<{ dispatcher: Dispatcher; listener: Listener }> => {
    const listener = await subject.server.listen(dispatcher);
    for (const service of dispatcher.services) addresses.set(service.desc.typeName, listener.address);
    return { dispatcher, listener };
  };
  const layers = cast.serverLayers ?? [];
  const echoService = implement(EchoService, { ...echoing, ...cast.echo });
  const relayService = implement(RelayService, { ...relaying, ...cast.relay });
  const echo = await serve(new Dispatcher(runtimes.echo, [echoService], layers));
  const relay = await serve(new Dispatcher(runtimes.relay, [relayService], layers));

  const roots: Call[] = [];
  const root = (options: Partial<RootOptions> = {}): Call => {
    const call = runtimes.client.root({ name: "test", timeoutMs: 3_600_000, ...options });
    roots.push(call);
    return call;
  };
  const servers = { relay, echo };
  try {
    await act({
      subject,
      clock,
      runtimes,
      servers,
      logged,
      root,
      echo: root().to(EchoService),
      relay: root().to(RelayService),
      quiet: subject.quiet ?? settled,
    });
    for (const each of roots) each.settle();
    await until(
      () => leftovers(runtimes, servers) === "",
      () => leftovers(runtimes, servers),
    );
  } finally {
    for (const each of roots) each.settle();
    await Promise.all([relay.listener.close(), echo.listener.close(), ...channels.map((channel) => channel.close())]);
    await subject.client.close();
    if (subject.server !== subject.client) await subject.server.close();
    await subject.close?.();
  }
}

function leftovers(runtimes: Stage["runtimes"], servers: Stage["servers"]): string {
  const left: string[] = [];
  for (const [name, { dispatcher }] of Object.entries(servers)) {
    if (dispatcher.inFlight > 0) left.push(`${name} has ${dispatcher.inFlight} open calls`);
  }
  for (const [name, { deadlines, abandoned }] of Object.entries(runtimes)) {
    if (deadlines.size > 0) left.push(`${name} waits for ${deadlines.size} deadlines`);
    if (abandoned !== 0) left.push(`${name} has ${abandoned} abandoned handlers`);
  }
  return left.join(", ");
}

/** Waits for something to become true. The time limit is real, for transports that do I/O; memory needs a turn or two. */
export async function until(condition: () => boolean, problem: () => string = () => `${condition}`): Promise<void> {
  const limit = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`still after 5 s: ${problem()}`);
    await settled();
  }
}

/** The `RpcError` that a call fails with; anything else fails the test. */
export async function failureOf(result: Promise<unknown>): Promise<RpcError> {
  try {
    await result;
  } catch (thrown) {
    assert.ok(thrown instanceof RpcError, `${thrown} is no RpcError`);
    return thrown;
  }
  assert.fail("the call did not fail");
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

/** A promise to be kept by hand. */
export interface Gate<T = void> {
  readonly opened: Promise<T>;
  open(value: T): void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
