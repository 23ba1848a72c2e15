import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dispatcher, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Broker } from "@sampan/core/ports";
import { openQueue } from "@sampan/data";
import { type BrokerUnderTest, brokerContract, createFakeClock } from "@sampan/testkit";
import { brokerService } from "./broker-service.js";
import { remoteBroker } from "./remote-broker.js";

/** The queue of one process, used from another through calls that are encoded and decoded. */
async function open(): Promise<BrokerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-broker-"));
  const clock = createFakeClock();
  const connectTo = async (): Promise<{ readonly broker: Broker; close(): Promise<void> }> => {
    const transport = memoryTransport({ verify: true });
    const connect = () => transport.connect("memory");
    const queue = await openQueue({ file: join(folder, "queue.db"), clock, commits: "in-thread", random: () => 0.5 });
    const server = new Runtime({ name: "supervisor", clock, connect });
    const listener = await transport.listen(new Dispatcher(server, [brokerService(queue)]));
    const broker = remoteBroker({ runtime: new Runtime({ name: "order", clock, connect }) });
    return {
      broker,
      async close() {
        let closed = false;
        const closing = (async () => {
          await broker.close();
          await listener.close();
          await queue.close();
        })().finally(() => {
          closed = true;
        });
        // Closing waits for handlers, and they for the fake clock.
        while (!closed) await clock.advance(1000);
        await closing;
      },
    };
  };
  let connected = await connectTo();
  return {
    broker: connected.broker,
    passTime: (ms) => clock.advance(ms),
    async reopen() {
      await connected.close();
      connected = await connectTo();
      return connected.broker;
    },
    async dispose() {
      await connected.close();
      rmSync(folder, { recursive: true });
    },
  };
}

brokerContract("the broker of another process", open);
