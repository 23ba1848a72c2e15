import { type Call, Dispatcher, implement, type Layer, type RootOptions, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { EchoRequest } from "@sampan/testkit";
import { createFakeClock, EchoService, type FakeClock } from "@sampan/testkit";

type Client = ReturnType<typeof clientOf>;

/** An echo service and its caller in one process, with the same layers on both sides and a clock that tests move. */
export async function echoWith(layers: readonly Layer[], handlers: EchoHandlers = {}) {
  const clock = createFakeClock();
  const transport = memoryTransport();
  const connect = () => transport.connect("");
  const server = new Runtime({ name: "echo", connect, clock });
  const caller = new Runtime({ name: "caller", connect, clock, clientLayers: layers });
  const dispatcher = new Dispatcher(server, [implement(EchoService, implementation(handlers, clock))], layers);
  await transport.listen(dispatcher);
  const run = <T>(work: (client: Client) => Promise<T>, options: RootOptions = { name: "test" }): Promise<T> =>
    caller.run(options, (call) => work(clientOf(call)));
  return { clock, caller, dispatcher, run };
}

/** What a test changes of the echo. */
export interface EchoHandlers {
  readonly unary?: (text: string, clock: FakeClock) => Promise<string>;
}

function clientOf(call: Call) {
  return call.to(EchoService);
}

function implementation(handlers: EchoHandlers, clock: FakeClock) {
  return {
    async unary({ text }: EchoRequest) {
      return { text: handlers.unary === undefined ? text : await handlers.unary(text, clock) };
    },
    async collect(requests: AsyncIterable<EchoRequest>) {
      let text = "";
      for await (const request of requests) text += request.text;
      return { text };
    },
    async *produce({ text }: EchoRequest) {
      for (const each of text) {
        await clock.advance(1);
        yield { text: each };
      }
    },
    async *chat(requests: AsyncIterable<EchoRequest>) {
      for await (const { text } of requests) yield { text };
    },
  };
}
