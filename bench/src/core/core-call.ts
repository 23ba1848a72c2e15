/**
 * What one call costs in core: a client and a service joined by the memory transport; layers are the server's. Times are the best of
 * several rounds, because noise only ever adds.
 */
import { Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import { createMeter, metrics, ringTracer, tracing } from "@sampan/telemetry";
import { EchoService } from "@sampan/testkit";

/** One measured case. */
export interface Row {
  readonly case: string;
  readonly nsPerCall: number;
}

const calls = 20_000;
const rounds = 15;

export async function measure(): Promise<Row[]> {
  const passing: Layer = (next) => (request, call) => next(request, call);
  const plain = await echo({ verify: false, layers: [] });
  const layered = await echo({ verify: false, layers: Array.from({ length: 6 }, () => passing) });
  const observed = await echo({ verify: false, layers: [tracing(ringTracer()), metrics(createMeter())] });
  const verified = await echo({ verify: true, layers: [] });
  const rows: Row[] = [];
  for (const [name, { unary }] of Object.entries({ plain, layered, observed, verified })) {
    rows.push({ case: `unary, ${name}`, nsPerCall: await best(() => repeat(unary)) });
  }
  rows.push({ case: "unary, plain, 100 at a time", nsPerCall: await best(() => abreast(plain.unary)) });
  rows.push({ case: "message of a server stream", nsPerCall: await best(() => plain.stream(calls)) });
  return rows;
}

interface Echo {
  readonly unary: () => Promise<unknown>;
  readonly stream: (messages: number) => Promise<void>;
}

async function echo(options: { verify: boolean; layers: readonly Layer[] }): Promise<Echo> {
  const transport = memoryTransport({ verify: options.verify });
  const connect = () => transport.connect("memory");
  const service = implement(EchoService, {
    unary: (request) => ({ text: request.text }),
    async collect() {
      return {};
    },
    async *produce(request) {
      for (let i = 0n; i < request.number; i++) yield { number: i };
    },
    async *chat() {},
  });
  await transport.listen(new Dispatcher(new Runtime({ name: "server", connect }), [service], options.layers));
  const runtime = new Runtime({ name: "client", connect });
  const client = runtime.root({ name: "bench", timeoutMs: 3_600_000 }).to(EchoService);
  const request = { text: "hello" };
  return {
    unary: () => client.unary(request),
    async stream(messages) {
      for await (const _ of client.produce({ number: BigInt(messages) })) {
        // Only counted.
      }
    },
  };
}

async function repeat(call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < calls; i++) await call();
}

async function abreast(call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < calls / 100; i++) await Promise.all(Array.from({ length: 100 }, call));
}

async function best(round: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    await round();
    least = Math.min(least, performance.now() - started);
  }
  return Math.round((least * 1e6) / calls);
}
