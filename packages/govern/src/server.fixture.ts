import { type Call, Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { createFakeClock, EchoService, type FakeClock } from "@sampan/testkit";
import type { Handlers } from "./client.fixture.js";

const idle = async function* () {};

/** A server with layers around every method, and clients that call it for a tenant, on a clock that tests move. */
export async function serverWith(
  layers: readonly Layer[],
  handlers: Handlers = {},
  clock: FakeClock = createFakeClock(),
) {
  const transport = memoryTransport({ verify: true });
  const connect = () => transport.connect("memory");
  const server = new Runtime({ name: "server", connect, clock });
  const runtime = new Runtime({ name: "client", connect, clock });
  const service = implement(EchoService, {
    unary: handlers.unary ?? (({ text }) => ({ text })),
    collect: handlers.collect ?? (async () => ({ text: "" })),
    produce: handlers.produce ?? idle,
    chat: handlers.chat ?? idle,
  });
  await transport.listen(new Dispatcher(server, [service], layers));
  const call = (tenant = "default", timeoutMs = 60_000): Call =>
    runtime.root({ name: "test", timeoutMs, origin: { tenant, releaseTag: "", traceparent: "" } });
  const client = (tenant?: string, timeoutMs?: number) => call(tenant, timeoutMs).to(EchoService);
  return { clock, server, call, client };
}

/** Work that ends when the test says so, in the order it began. */
export function heldWork() {
  const held: { readonly text: string; readonly end: () => void }[] = [];
  return {
    held,
    began: [] as string[],
    unary({ text }: { text: string }): Promise<{ text: string }> {
      this.began.push(text);
      return new Promise((resolve) => void held.push({ text, end: () => resolve({ text }) }));
    },
    endNext(): void {
      held.shift()?.end();
    },
  };
}
