import assert from "node:assert/strict";
import { test } from "node:test";
import { Lifecycle, type State } from "./lifecycle.js";

test("a process starts, is ready, drains and has stopped; every listener hears each state", async () => {
  const lifecycle = new Lifecycle();
  const seen: State[] = [];
  lifecycle.onChange((state) => seen.push(state));
  assert.equal(lifecycle.state, "starting");
  for (const state of ["ready", "draining", "stopped"] as const) lifecycle.enter(state);
  await lifecycle.stopped;
  assert.deepEqual(seen, ["ready", "draining", "stopped"]);
});

test("a start that fails drains without having been ready", () => {
  const lifecycle = new Lifecycle();
  lifecycle.enter("draining");
  lifecycle.enter("stopped");
  assert.equal(lifecycle.state, "stopped");
});

test("no other step exists", () => {
  const ways: Record<State, readonly State[]> = {
    starting: [],
    ready: ["ready"],
    draining: ["draining"],
    stopped: ["draining", "stopped"],
  };
  const legal: Record<State, readonly State[]> = {
    starting: ["ready", "draining"],
    ready: ["draining"],
    draining: ["stopped"],
    stopped: [],
  };
  for (const from of Object.keys(ways) as State[]) {
    for (const to of Object.keys(ways) as State[]) {
      const lifecycle = new Lifecycle();
      for (const step of ways[from]) lifecycle.enter(step);
      if (legal[from].includes(to)) lifecycle.enter(to);
      else assert.throws(() => lifecycle.enter(to), new TypeError(`a process that is ${from} cannot become ${to}`));
    }
  }
});
