import { brokerContract } from "@sampan/testkit";
import { openTestQueue } from "./queue.fixture.js";
brokerContract("table-backed queue", () => openTestQueue());
//# sourceMappingURL=queue-contract.test.js.map