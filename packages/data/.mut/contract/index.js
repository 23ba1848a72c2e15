import { describe } from "node:test";
import { callContract } from "./calls.js";
import { interleavingContract } from "./interleavings.js";
import { migrationContract } from "./migrations.js";
import { transactionContract } from "./transactions.js";
import { valueContract } from "./values.js";
/** What every SQL engine must do behind `Sql`, as tests of node:test: call it in a test file, once for each engine. */
export function sqlContract(name, engine) {
    describe(`${name}: transactions`, () => transactionContract(engine));
    describe(`${name}: transactions and their calls`, () => callContract(engine));
    describe(`${name}: values and constraints`, () => valueContract(engine));
    describe(`${name}: migrations`, () => migrationContract(engine));
    describe(`${name}: interleavings`, () => interleavingContract(engine));
}
//# sourceMappingURL=index.js.map