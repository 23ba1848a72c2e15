import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CommandError } from "../command/command-error.js";
import { processNames, readInstances } from "./instances.js";

describe("--instances", () => {
  it("names services with the number of their processes", () => {
    const instances = readInstances("inventory=3, user=1");
    assert.deepEqual(
      [...instances],
      [
        ["inventory", 3],
        ["user", 1],
      ],
    );
    assert.deepEqual(processNames("inventory", instances), ["inventory-1", "inventory-2", "inventory-3"]);
    assert.deepEqual(processNames("user", instances), ["user-1"]);
    assert.deepEqual(processNames("order", instances), ["order"]);
    assert.equal(readInstances("inventory=16").get("inventory"), 16);
  });

  for (const [text, problem] of [
    ["", /"" is no number of instances/],
    ["inventory", /"inventory" is no number/],
    ["inventory=-1", /is no number/],
    ["inventory=0", /inventory=0 is not a number of instances/],
    ["inventory=17", /inventory=17 is not/],
    ["inventory=2,inventory=3", /inventory is there twice/],
    ["inventry=2", /there is no service inventry/],
    ["gateway=2", /gateway cannot have several instances: it has the one door/],
    ["order=2", /order cannot have several instances: its sagas/],
  ] as const)
    it(`refuses ${JSON.stringify(text)} and says why`, () => {
      assert.throws(
        () => readInstances(text),
        (error) => error instanceof CommandError && problem.test(error.message),
      );
    });
});
