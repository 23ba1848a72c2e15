import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code } from "@sampan/core";
import fc from "fast-check";
import { statusSet } from "../status-words.js";
import { type BackoffPolicy, backoffMs } from "./backoff.js";
import { decideRetry, type FailedTry, type NoRetry, type RetryRules } from "./retry-decision.js";
import { TryBudget } from "./try-budget.js";

const backoff: BackoffPolicy = { baseMs: 100, maxMs: 1000, factor: 2, jitter: "none" };
const rules: RetryRules = { attempts: 3, on: statusSet(["unavailable"]), backoff };
const failed: FailedTry = {
  code: Code.Unavailable,
  tries: 1,
  timedOut: false,
  repeatable: true,
  replayable: true,
  pushback: undefined,
  retryAfterMs: undefined,
  previousMs: 0,
  remainingMs: 10_000,
  usualMs: 20,
};

function decide(change: Partial<FailedTry>, burst = 10): number | NoRetry {
  const budget = new TryBudget({ ratio: 0, minPerSecond: 0, burst });
  const decided = decideRetry(rules, { ...failed, ...change }, budget, 0.5, 0);
  assert.equal(budget.tokens, typeof decided === "string" ? burst : burst - 1);
  return typeof decided === "string" ? decided : decided.waitMs;
}

describe("whether there is another try", () => {
  test("only for listed codes, and for a try that ran out of its own time", () => {
    assert.equal(decide({}), 100);
    assert.equal(decide({ code: Code.Internal }), "status");
    assert.equal(decide({ code: Code.DeadlineExceeded }), "status");
    assert.equal(decide({ code: Code.DeadlineExceeded, timedOut: true }), 100);
    assert.equal(decide({ code: Code.Canceled, timedOut: true }), "status");
  });

  test("up to the number of attempts, which counts the first", () => {
    assert.equal(decide({ tries: 2 }), 200);
    assert.equal(decide({ tries: 3 }), "attempts");
  });

  test("only what may be repeated and can be sent again", () => {
    assert.equal(decide({ repeatable: false }), "not-idempotent");
    assert.equal(decide({ replayable: false }), "requests-not-kept");
  });

  test("the server's exact wait replaces the backoff; a negative or unreadable one ends it", () => {
    assert.equal(decide({ pushback: "7" }), 7);
    assert.equal(decide({ pushback: "0", retryAfterMs: 500 }), 0);
    for (const pushback of ["-1", "", "soon", "1.5", "9".repeat(16)]) assert.equal(decide({ pushback }), "pushed-back");
  });

  test("a wait that the error asks for is the least", () => {
    assert.equal(decide({ retryAfterMs: 400 }), 400);
    assert.equal(decide({ retryAfterMs: 50 }), 100);
  });

  test("not when the deadline cannot hold the wait and a usual try", () => {
    assert.equal(decide({ remainingMs: 121 }), 100);
    assert.equal(decide({ remainingMs: 120 }), "deadline");
    assert.equal(decide({ remainingMs: 5000, retryAfterMs: 4990 }), "deadline");
  });

  test("not without budget, which nothing else takes from", () => {
    const budget = new TryBudget({ ratio: 0, minPerSecond: 0, burst: 1 });
    assert.notEqual(typeof decideRetry(rules, failed, budget, 0, 0), "string");
    assert.equal(decideRetry(rules, failed, budget, 0, 0), "budget");
  });
});

describe("backoff", () => {
  test("grows by the factor up to the longest", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 60].map((retry) => backoffMs(backoff, retry, 0, 0.9)),
      [100, 200, 400, 800, 1000, 1000],
    );
  });

  test("jitter: full from 0, equal from a half, decorrelated from the base to three times the last", () => {
    const at = (jitter: BackoffPolicy["jitter"], random: number, previous = 0) =>
      backoffMs({ ...backoff, jitter }, 2, previous, random);
    assert.deepEqual([at("full", 0), at("full", 0.5)], [0, 100]);
    assert.deepEqual([at("equal", 0), at("equal", 0.5)], [100, 150]);
    assert.deepEqual([at("decorrelated", 0, 200), at("decorrelated", 0.5, 200)], [100, 350]);
    assert.equal(at("decorrelated", 0.99, 900), 1000);
  });

  test("property: never negative, never above the longest", () => {
    const policy = fc.record({
      baseMs: fc.integer({ min: 0, max: 1000 }),
      maxMs: fc.integer({ min: 1000, max: 10_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      jitter: fc.constantFrom<BackoffPolicy["jitter"]>("full", "equal", "none", "decorrelated"),
    });
    fc.assert(
      fc.property(policy, fc.double({ min: 0, max: 0.999, noNaN: true }), (policy, random) => {
        let previous = 0;
        for (let retry = 1; retry < 400; retry += 13) {
          previous = backoffMs(policy, retry, previous, random);
          assert.ok(previous >= 0 && previous <= policy.maxMs, String(previous));
        }
      }),
    );
  });
});
