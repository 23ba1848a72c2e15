import { type Call, Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { createFakeClock, type EchoRequest, type EchoResponse, EchoService, type FakeClock } from "@sampan/testkit";
import type { Enforcement, Guard, GuardContext } from "./guard.js";

type Text = { text: string };

/** What a test's server does; every method echoes when it is left out. */
export interface Handlers {
  readonly unary?: (request: EchoRequest, call: Call) => Promise<Text> | Text;
  readonly collect?: (requests: AsyncIterable<EchoRequest>, call: Call) => Promise<Text>;
  readonly produce?: (request: EchoRequest, call: Call) => AsyncIterable<Text>;
  readonly chat?: (requests: AsyncIterable<EchoRequest>, call: Call) => AsyncIterable<Text>;
}

/** A server and a client joined in memory, on a clock that tests move, with client layers around every call. */
export async function clientWith(
  layers: readonly Layer[],
  handlers: Handlers = {},
  clock: FakeClock = createFakeClock(),
) {
  const transport = memoryTransport({ verify: true });
  const connect = () => transport.connect("memory");
  const server = new Runtime({ name: "server", connect, clock });
  const runtime = new Runtime({ name: "client", connect, clock, clientLayers: layers });
  const service = implement(EchoService, {
    unary: handlers.unary ?? (({ text }) => ({ text })),
    collect: handlers.collect ?? joined,
    produce: handlers.produce ?? letters,
    chat: handlers.chat ?? repeated,
  });
  const dispatcher = new Dispatcher(server, [service]);
  const listener = await transport.listen(dispatcher);
  const root = (timeoutMs = 60_000) => runtime.root({ name: "test", timeoutMs });
  return {
    clock,
    runtime,
    dispatcher,
    listener,
    root,
    client: (timeoutMs?: number) => root(timeoutMs).to(EchoService),
  };
}

async function joined(requests: AsyncIterable<EchoRequest>): Promise<Text> {
  let text = "";
  for await (const request of requests) text += request.text;
  return { text };
}

async function* letters({ text }: EchoRequest): AsyncGenerator<Text> {
  for (const each of text) yield { text: each };
}

async function* repeated(requests: AsyncIterable<EchoRequest>): AsyncGenerator<Text> {
  for await (const { text } of requests) yield { text };
}

/** A guard as a client layer around every method, which counts as idempotent unless a test says otherwise. */
export function guardFor<P, G extends Guard<P> = Guard<P>>(
  make: (policy: P, enforcement: Enforcement, context: GuardContext) => G,
  policy: P,
  clock: FakeClock,
  options: { readonly enforcement?: Enforcement; readonly idempotent?: boolean; readonly random?: () => number } = {},
) {
  const reported: string[] = [];
  const context: GuardContext = {
    rule: "test/rule",
    scope: "sampan.test.v1.EchoService",
    clock,
    random: options.random ?? (() => 0.5),
    report: { refused: (why) => void reported.push(`refused ${why}`), happened: (what) => void reported.push(what) },
  };
  const guard = make(policy, options.enforcement ?? "enforce", context);
  const idempotent = options.idempotent ?? true;
  const layer: Layer = (next, method) => guard.wrap(next, { ...method, idempotent });
  return { guard, layer, reported };
}

/** The texts of a response stream. */
export async function texts(stream: AsyncIterable<EchoResponse>): Promise<string[]> {
  const all: string[] = [];
  for await (const { text } of stream) all.push(text);
  return all;
}
