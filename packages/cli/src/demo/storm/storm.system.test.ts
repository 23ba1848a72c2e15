// limit: 180s
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { phases } from "./phases.js";
import { runStorm } from "./storm.js";
import { stormTable } from "./table.js";

describe("sampan demo storm", () => {
  it("keeps every promise, and leaves a row for each caller in each phase", async (t) => {
    const said: string[] = [];
    const { rows, claims } = await runStorm({ phaseMs: 2000, print: (line) => said.push(line) });
    for (const line of stormTable(rows).split("\n")) t.diagnostic(line);
    assert.deepEqual(
      claims.filter(({ holds }) => !holds),
      [],
    );
    assert.equal(rows.length, 4 * phases.length);
    assert.ok(claims.length >= 2 * phases.length);
    for (const { calls, ok, refused, failed } of rows) assert.equal(ok + refused + failed, calls);
  });
});
