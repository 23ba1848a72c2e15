import { sqlContract } from "../../contract/index.js";
import { openSqlite } from "./open-sqlite.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

for (const [name, transactions, commits] of [
  ["sqlite", 64, "off-thread"],
  ["sqlite, a commit for each", 1, "off-thread"],
  ["sqlite, two to a commit", 2, "off-thread"],
  ["sqlite, commits in thread", 64, "in-thread"],
] as const) {
  sqlContract(name, {
    bytesType: "blob",
    async create() {
      const folder = temporaryFolder();
      return {
        open: (schemas) => openSqlite({ file: folder.file("contract.db"), schemas, batch: { transactions }, commits }),
        remove: async () => folder.remove(),
      };
    },
  });
}
