import assert from "node:assert/strict";
import { test } from "node:test";
import { everyMethod } from "../access/methods.fixture.js";
import { contractsOf, platformMethods } from "./contracts.js";
import { services } from "./services.js";

test("no contract of the platform is missing", () => {
  assert.deepEqual([...platformMethods.keys()].sort(), [...everyMethod.keys()].sort());
});

test("every service but the gateway serves contracts", () => {
  const serving = services.map(({ name }) => name).filter((name) => name !== "gateway");
  assert.deepEqual(Object.keys(contractsOf).sort(), serving.sort());
});
