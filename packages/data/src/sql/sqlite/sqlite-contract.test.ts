import { sqlContract } from "../../contract/index.js";
import { openSqlite } from "./open-sqlite.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

for (const [name, transactions, commits, shared] of [
  ["sqlite", 64, "off-thread", false],
  ["sqlite, a commit for each", 1, "off-thread", false],
  ["sqlite, two to a commit", 2, "off-thread", false],
  ["sqlite, commits in thread", 64, "in-thread", false],
  ["sqlite, shared with other processes", 64, "off-thread", true],
] as const) {
  sqlContract(name, {
    bytesType: "blob",
    async create() {
      const folder = temporaryFolder();
      return {
        open: (schemas) =>
          openSqlite({ file: folder.file("contract.db"), schemas, batch: { transactions }, commits, shared }),
        remove: async () => folder.remove(),
      };
    },
  });
}
