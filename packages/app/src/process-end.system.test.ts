import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./process-end.fixture.js", import.meta.url));

interface Started {
  /** Resolves when this was printed. */
  printed(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Exit status, or the signal that ended it; and everything that it printed. */
  ended(): Promise<{ readonly status: number | NodeJS.Signals; readonly out: string; readonly err: string }>;
}

function start(t: TestContext, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const closed = once(child, "close");
  return {
    async printed(text) {
      while (!out.includes(text)) {
        const ended = await Promise.race([once(child.stdout, "data").then(() => false), closed.then(() => true)]);
        if (ended && !out.includes(text)) throw new Error(`ended without "${text}":\n${out}${err}`);
      }
    },
    signal: (name) => void child.kill(name),
    async ended() {
      const [code, signal] = await closed;
      return { status: code ?? signal, out, err };
    },
  };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} drains, closes and exits with 0`, async (t) => {
    const house = start(t, "100");
    await house.printed("is ready");
    house.signal(signal);
    const { status, out } = await house.ended();
    assert.equal(status, 0, out);
    assert.match(out, /stopping; once more stops at once[\s\S]*draining[\s\S]*closed/);
  });
}

for (const [signal, expected] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second signal exits at once: ${signal} with ${expected}`, async (t) => {
    const house = start(t, "never", "", "10m");
    await house.printed("is ready");
    house.signal("SIGTERM");
    await house.printed('"draining"');
    house.signal(signal);
    const { status, out } = await house.ended();
    assert.equal(status, expected);
    assert.match(out, /second signal: stopping now/);
    assert.doesNotMatch(out, /^closed/m);
  });

  test(`${signal} during the start ends the step in work, closes what is open, and exits with ${expected}`, async (t) => {
    const house = start(t, "0", "slow build");
    await house.printed("building");
    house.signal(signal);
    const { status, out } = await house.ended();
    assert.equal(status, expected);
    assert.match(out, /^closed/m);
    assert.doesNotMatch(out, /ready/);
  });
}

test("a drain that hangs ends with the drain timeout, and is no failure", async (t) => {
  const house = start(t, "never", "", "200ms");
  await house.printed("is ready");
  const began = performance.now();
  house.signal("SIGTERM");
  const { status, out } = await house.ended();
  assert.equal(status, 0);
  assert.ok(performance.now() - began < 5_000);
  assert.match(out, /drain timeout is over.*requests in hand/);
  assert.match(out, /^closed/m);
});

test("a start that hangs is left when the drain timeout is over", async (t) => {
  const house = start(t, "0", "stuck build", "200ms");
  await house.printed("building");
  house.signal("SIGTERM");
  const { status, out } = await house.ended();
  assert.equal(status, 143);
  assert.match(out, /^closed/m);
});

test("a process that could not close everything exits with 1", async (t) => {
  const house = start(t, "0", "close fails");
  await house.printed("is ready");
  house.signal("SIGTERM");
  const { status, out } = await house.ended();
  assert.equal(status, 1);
  assert.match(out, /store did not close: the store is stuck/);
});

for (const [event, message, origin] of [
  ["throws", "nobody catches this", "uncaughtException"],
  ["rejects", "nobody awaits this", "unhandledRejection"],
] as const) {
  test(`an error that nobody caught (${origin}) is logged, drains the process, and it exits with 1`, async (t) => {
    const { status, out } = await start(t, "100", event).ended();
    assert.equal(status, 1);
    assert.match(out, new RegExp(`"level":"error"[^\n]*an error was not caught[^\n]*${message}`));
    assert.match(out, new RegExp(`"origin":"${origin}"`));
    assert.match(out, /draining[\s\S]*closed/);
  });
}

test("an error that nobody caught while it drains does not cut the drain short, but shows in the status", async (t) => {
  const house = start(t, "200", "throws while draining");
  await house.printed("is ready");
  house.signal("SIGTERM");
  const { status, out } = await house.ended();
  assert.equal(status, 1);
  assert.match(out, /thrown late[\s\S]*closed/);
});

test("a signal while it drains because of an error does not stop it at once; a second one does", async (t) => {
  const house = start(t, "never", "throws", "10m");
  await house.printed("draining");
  house.signal("SIGINT");
  await house.printed("stopping; once more");
  house.signal("SIGINT");
  assert.equal((await house.ended()).status, 130);
});

test("a start that fails closes what is open, says why, and exits with 1", async (t) => {
  const { status, out, err } = await start(t, "0", "build fails").ended();
  assert.equal(status, 1);
  assert.match(out, /^closed/m);
  assert.match(err, /service house did not start: no roof/);
});

test("a process that stops by itself takes its handlers off", async (t) => {
  const { status, out } = await start(t, "0", "stops by itself").ended();
  assert.equal(status, 0);
  assert.match(out, /^0 0 listeners/m);
});
