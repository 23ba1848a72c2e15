import type { LogFields } from "@sampan/core/ports";
import { type BrokerUnderTest, type FakeClock } from "@sampan/testkit";
import { type Queue, type QueueOptions } from "./queue.js";
/** A queue in a folder of its own, on a fake clock. */
export interface QueueBench extends BrokerUnderTest {
    readonly queue: Queue;
    readonly clock: FakeClock;
    readonly logged: {
        readonly message: string;
        readonly fields: LogFields | undefined;
    }[];
    reopen(): Promise<Queue>;
}
export declare function openTestQueue(options?: Partial<QueueOptions>): Promise<QueueBench>;
//# sourceMappingURL=queue.fixture.d.ts.map