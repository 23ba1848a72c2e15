import type { LogFields, Logger } from "@sampan/core/ports";
import { type BrokerUnderTest, createFakeClock, type FakeClock } from "@sampan/testkit";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { openQueue, type Queue, type QueueOptions } from "./queue.js";

/** A queue in a folder of its own, on a fake clock. */
export interface QueueBench extends BrokerUnderTest {
  readonly queue: Queue;
  readonly clock: FakeClock;
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[];
  reopen(): Promise<Queue>;
}

export async function openTestQueue(options: Partial<QueueOptions> = {}): Promise<QueueBench> {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const logged: QueueBench["logged"] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note, child: () => logger };
  const open = (): Promise<Queue> =>
    openQueue({ file: folder.file("queue.db"), clock, logger, commits: "in-thread", random: () => 0.5, ...options });
  let queue = await open();
  const closeNow = async (): Promise<void> => {
    // Closing waits for handlers, and they for the fake clock.
    let closed = false;
    const closing = queue.close().finally(() => {
      closed = true;
    });
    while (!closed) await clock.advance(1000);
    await closing;
  };
  return {
    queue,
    broker: queue,
    clock,
    logged,
    passTime: (ms) => clock.advance(ms),
    async reopen() {
      await closeNow();
      queue = await open();
      return queue;
    },
    async dispose() {
      await closeNow();
      folder.remove();
    },
  };
}
