import assert from "node:assert/strict";
import { test } from "node:test";
import { type AccessToken, hubRules, tokenVerdict } from "./access-token.js";
import { type RenewalStep, type RenewalView, renewalStep } from "./renewal-step.js";

const now = 1_700_000_000_000;
const token = (value: string, leftMs: number): AccessToken => ({ value, expiresAt: now + leftMs });

test("a token is used, renewed early or not used, to the millisecond", () => {
  const verdict = (leftMs: number) => tokenVerdict(token("a", leftMs), now, hubRules);
  assert.deepEqual([300_001, 300_000, 30_001, 30_000, 0, -1].map(verdict), [
    "use",
    "renew-early",
    "renew-early",
    "renew",
    "renew",
    "renew",
  ]);
  assert.equal(tokenVerdict(undefined, now, hubRules), "renew");
});

test("each step of a renewal follows from what is shared and whose turn it is", () => {
  const cases: [Partial<RenewalView>, RenewalStep][] = [
    [{}, "ask-lease"],
    [{ lease: "another" }, "wait"],
    [{ lease: "ours" }, "fetch"],
    [{ lease: "another", waitedMs: hubRules.patienceMs - 1 }, "wait"],
    [{ lease: "another", waitedMs: hubRules.patienceMs }, "fetch"],
    // Another has fetched, maybe between our asking for the lease and getting it.
    [{ shared: token("b", 7_000_000), lease: "ours" }, "adopt"],
    [{ shared: token("b", 30_001) }, "adopt"],
    [{ shared: token("b", 30_000) }, "ask-lease"],
    // What is to be replaced is no successor, and neither is an older one.
    [{ shared: token("a", 200_000), own: token("a", 200_000) }, "ask-lease"],
    [{ shared: token("b", 100_000), own: token("a", 200_000) }, "ask-lease"],
    [{ shared: token("b", 200_001), own: token("a", 200_000) }, "adopt"],
    [{ shared: token("b", 7_000_000), refused: "b" }, "ask-lease"],
    [{ shared: token("b", 7_000_000), refused: "a" }, "adopt"],
  ];
  const start: RenewalView = {
    now,
    waitedMs: 0,
    shared: undefined,
    own: undefined,
    refused: undefined,
    lease: "not-asked",
  };
  for (const [change, step] of cases) {
    assert.equal(renewalStep({ ...start, ...change }, hubRules), step, JSON.stringify(change));
  }
});
