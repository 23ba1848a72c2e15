import assert from "node:assert/strict";
import { test } from "node:test";
import { methods } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { requireRules } from "../reading/read-rules.js";
import { allSections } from "../sections.js";
import { governStack } from "./govern-stack.js";
import { Governor } from "./governor.js";

test("retry and hedge of one rule share one budget, for as long as the rule has both", () => {
  const governor = new Governor({ stack: governStack() });
  const load = (sections: string): void =>
    governor.load(requireRules(`rules: [{ name: r, ${sections} }]`, "test", { sections: allSections }));
  const [unary] = methods(EchoService);
  assert.ok(unary);
  governor.client(() => ({}), unary);
  const budgets = () =>
    governor
      .state()
      .guards.map(({ section, state }) => `${section} ${state.budget}`)
      .sort();
  const retry = "retry: { attempts: 3, budget: { burst: 3 } }";
  const hedge = "hedge: { after: 80ms, attempts: 2, budget: { burst: 7 } }";
  load(`${retry}, ${hedge}`);
  assert.deepEqual(budgets(), ["hedge 3", "retry 3"]);
  load(hedge);
  assert.deepEqual(budgets(), ["hedge 7"]);
  load(`${retry}, ${hedge}`);
  assert.deepEqual(budgets(), ["hedge 3", "retry 3"]);
});
