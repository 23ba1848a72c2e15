import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checksum, planMigrations } from "./migration-plan.js";

describe("planMigrations", () => {
  it("lists what has not run, schema by schema", () => {
    const first = { id: "0001-a", up: ["select 1"] };
    const second = { id: "0002-b", up: ["select 2"] };
    const applied = [{ schema: "one", id: "0001-a", checksum: checksum(first), appliedAt: 0 }];
    const schemas = [
      { name: "one", migrations: [first, second] },
      { name: "two", migrations: [first] },
    ];
    const pending = planMigrations(schemas, applied, "test.db").map(({ schema, id }) => `${schema}/${id}`);
    assert.deepEqual(pending, ["one/0002-b", "two/0001-a"]);
  });

  it("leaves alone what belongs to a schema that is not used", () => {
    const applied = [{ schema: "gone", id: "0001-a", checksum: "", appliedAt: 0 }];
    assert.deepEqual(planMigrations([], applied, "test.db"), []);
  });
});

describe("checksum", () => {
  it("does not see line ends and outer white space, and sees everything else", () => {
    const of = (...up: string[]): string => checksum({ id: "0001-a", up });
    assert.equal(of("create table a (\r\n  id int)\n"), of("create table a (\n  id int)"));
    assert.notEqual(of("create table a (id int)"), of("create table a (id  int)"));
    assert.notEqual(of("a", "b"), of("ab"), "where one statement ends counts");
  });
});
