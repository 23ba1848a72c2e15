import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import fc from "fast-check";
import { beginning, decide, type SagaEvent } from "./saga-decider.js";
import { stepError } from "./saga-failure.js";
import type { Circumstances, Decision, Next, Plan, PlannedStep } from "./saga-progress.js";

const backoff = { initialMs: 100, maxMs: 1000 };

function planned(name: string, more: Partial<PlannedStep> = {}): PlannedStep {
  return {
    name,
    kind: "step",
    compensates: true,
    pivot: false,
    attempts: 3,
    compensationAttempts: 4,
    backoff,
    ...more,
  };
}

const around = (now = 0, skipped: readonly string[] = []): Circumstances => ({
  now,
  random: 0,
  skips: (name) => skipped.includes(name),
  waitUntil: () => 5000,
});

const failure = (code: Code) => stepError("any", new RpcError(code, "no"));
const ends: readonly string[] = ["completed", "compensated", "stuck"];

test("a saga without trouble runs its steps in order and completes", () => {
  const plan: Plan = { steps: [planned("a"), planned("b", { kind: "wait" }), planned("c")] };
  const first = beginning(plan, around(), true);
  assert.deepEqual([first.next, first.progress.step, first.progress.attempt], ["run", "a", 1]);
  const second = decide(plan, first.progress, { type: "succeeded" }, around());
  assert.deepEqual([second.next, second.progress.status, second.progress.dueAt], ["attend", "waiting", 5000]);
  const third = decide(plan, second.progress, { type: "attended", how: "signalled", next: "continue" }, around());
  assert.deepEqual([third.next, third.progress.step, third.progress.attempt], ["run", "c", 1]);
  const last = decide(plan, third.progress, { type: "succeeded" }, around());
  assert.deepEqual([last.next, last.progress.status], ["end", "completed"]);
});

test("a permanent error turns back at once, the failed step first", () => {
  const plan: Plan = { steps: [planned("a"), planned("b", { compensates: false }), planned("c")] };
  let decision = beginning(plan, around(), true);
  decision = decide(plan, decision.progress, { type: "succeeded" }, around());
  decision = decide(plan, decision.progress, { type: "succeeded" }, around());
  decision = decide(plan, decision.progress, { type: "failed", error: failure(Code.FailedPrecondition) }, around());
  assert.deepEqual([decision.next, decision.progress.step], ["compensate", "c"]);
  decision = decide(plan, decision.progress, { type: "compensated" }, around());
  assert.deepEqual([decision.next, decision.progress.step], ["compensate", "a"]);
  decision = decide(plan, decision.progress, { type: "compensated" }, around());
  assert.equal(decision.progress.status, "compensated");
  assert.equal(decision.progress.failure?.code, Code.FailedPrecondition);
});

test("a transient error is retried after its backoff, or after what the callee asks for", () => {
  const plan: Plan = { steps: [planned("a")] };
  const { progress } = beginning(plan, around(), true);
  const soon = decide(plan, progress, { type: "failed", error: failure(Code.Unavailable) }, around(1000));
  assert.deepEqual([soon.next, soon.progress.dueAt], ["rest", 1050]);
  const asked = { ...failure(Code.Unavailable), retryAfterMs: 700 };
  assert.equal(decide(plan, progress, { type: "failed", error: asked }, around(1000)).progress.dueAt, 1700);
});

test("behind a pivot nothing turns back: a permanent error is retried, and ends stuck", () => {
  const plan: Plan = { steps: [planned("charge", { pivot: true }), planned("confirm", { attempts: 2 })] };
  let decision = beginning(plan, around(), true);
  decision = decide(plan, decision.progress, { type: "succeeded" }, around());
  decision = decide(plan, decision.progress, { type: "failed", error: failure(Code.NotFound) }, around());
  assert.deepEqual([decision.next, decision.progress.status], ["rest", "running"]);
  decision = decide(plan, decision.progress, { type: "claimed" }, around());
  decision = decide(plan, decision.progress, { type: "failed", error: failure(Code.NotFound) }, around());
  assert.deepEqual(
    [decision.next, decision.progress.status, decision.progress.error?.code],
    ["end", "stuck", Code.NotFound],
  );
  decision = decide(plan, decision.progress, { type: "retried" }, around());
  assert.deepEqual([decision.progress.status, decision.progress.attempt], ["running", 0]);
});

test("a process that dies at every attempt of a step uses them up", () => {
  const plan: Plan = { steps: [planned("a", { attempts: 2 })] };
  let decision = beginning(plan, around(), true);
  decision = decide(plan, decision.progress, { type: "claimed" }, around());
  assert.equal(decision.progress.attempt, 2);
  decision = decide(plan, decision.progress, { type: "claimed" }, around());
  assert.deepEqual([decision.next, decision.progress.status], ["compensate", "compensating"]);
  assert.equal(decision.progress.failure?.reason, "SAGA_INTERRUPTED");
});

test("a step that the definition has lost makes the saga stuck", () => {
  const plan: Plan = { steps: [planned("a"), planned("b")] };
  const { progress } = beginning(plan, around(), true);
  const lost = decide({ steps: [planned("b")] }, progress, { type: "claimed" }, around());
  assert.deepEqual([lost.progress.status, lost.progress.error?.reason], ["stuck", "SAGA_STEP_UNKNOWN"]);
});

test("steps that are left out neither run nor are compensated", () => {
  const plan: Plan = { steps: [planned("a"), planned("b"), planned("c")] };
  const skipping = around(0, ["a", "b"]);
  let decision = beginning(plan, skipping, true);
  assert.equal(decision.progress.step, "c");
  decision = decide(plan, decision.progress, { type: "failed", error: failure(Code.NotFound) }, skipping);
  decision = decide(plan, decision.progress, { type: "compensated" }, skipping);
  assert.deepEqual([decision.progress.status, decision.progress.ran], ["compensated", []]);
});

const stepArbitrary = fc.record({
  kind: fc.constantFrom<"step" | "wait">("step", "step", "step", "wait"),
  compensates: fc.boolean(),
  pivot: fc.boolean(),
  attempts: fc.integer({ min: 1, max: 4 }),
  compensationAttempts: fc.integer({ min: 1, max: 4 }),
});
const happening = fc.constantFrom("ok", "ok", "ok", "permanent", "transient", "crash", "stop", "fail", "wait");

/** What a history did to the world: `+a` ran, `-a` compensated; a crash may have done it or not. */
interface World {
  readonly effects: string[];
  decision: Decision;
  now: number;
}

function eventFor(next: Next, what: string): SagaEvent {
  const error = failure(what === "permanent" ? Code.NotFound : Code.Unavailable);
  if (what === "crash") return { type: "claimed" };
  if (what === "stop") return { type: "released" };
  if (next === "attend") {
    if (what === "transient") return { type: "attend-failed", error };
    return { type: "attended", how: "signalled", next: what === "ok" ? "continue" : what === "wait" ? "wait" : "fail" };
  }
  const ok = what === "ok" || what === "wait";
  if (next === "run") return ok ? { type: "succeeded" } : { type: "failed", error };
  return ok ? { type: "compensated" } : { type: "compensation-failed", error };
}

test("whatever happens, a saga ends, and its compensations are those of the steps that ran, in reverse", () => {
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { minLength: 1, maxLength: 6 }),
      fc.array(happening, { maxLength: 60 }),
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      (shapes, happenings, skip) => {
        const plan: Plan = {
          steps: shapes.map((shape, i) =>
            planned(`s${i}`, { ...shape, compensates: shape.kind === "step" && shape.compensates }),
          ),
        };
        const skipped = plan.steps.filter((_, i) => skip[i]).map(({ name }) => name);
        const started: string[] = [];
        const undone: string[] = [];
        const world: World = { effects: [], decision: beginning(plan, around(0, skipped), true), now: 0 };
        let pivoted = false;
        const inputs = [...happenings];
        for (let turns = 0; !ends.includes(world.decision.progress.status); turns++) {
          // After the random part everything succeeds, so a history that does not end is a fault of the decider.
          assert.ok(turns < 60 + 300, "it does not end");
          const { next, progress } = world.decision;
          const here = around(world.now, skipped);
          if (next === "rest") {
            assert.ok(progress.dueAt !== undefined, "it rests without a time");
            world.now = Math.max(world.now, progress.dueAt);
            world.decision = decide(plan, progress, { type: "claimed" }, around(world.now, skipped));
            continue;
          }
          if (next === "run") {
            assert.ok(!pivoted || progress.pivoted);
            if (!started.includes(progress.step)) started.push(progress.step);
            assert.deepEqual(undone, [], "it runs a step after a compensation");
          }
          const event = eventFor(next, inputs.shift() ?? "ok");
          if (event.type === "compensated") undone.push(progress.step);
          world.decision = decide(plan, progress, event, here);
          pivoted = world.decision.progress.pivoted;
        }
        const { status } = world.decision.progress;
        const undoable = started.filter((name) => plan.steps.find((step) => step.name === name)?.compensates).reverse();
        if (pivoted) assert.deepEqual(undone, [], "it compensates behind a pivot");
        if (status === "compensated") assert.deepEqual(undone, undoable);
        if (status === "completed") assert.deepEqual(undone, []);
        if (status === "stuck") assert.deepEqual(undone, undoable.slice(0, undone.length));
        if (status === "completed") {
          const expected = plan.steps
            .filter(({ name, kind }) => kind === "step" && !skipped.includes(name))
            .map(({ name }) => name);
          assert.deepEqual(started, expected);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
