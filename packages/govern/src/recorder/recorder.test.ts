import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CoreErrors } from "@sampan/core";
import { clientWith } from "../client.fixture.js";
import { type RecordedCall, readRecordedCall } from "./recorded-call.js";
import { Recorder, type RecorderOptions } from "./recorder.js";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "recorder-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function stage(t: TestContext, options: Partial<RecorderOptions> = {}) {
  const path = join(folder(t), "calls.jsonl");
  const recorder = new Recorder({ path, ...options });
  const world = await clientWith([recorder.layer], {
    unary: ({ text }) => {
      if (text === "fail") throw CoreErrors.UNAVAILABLE({ service: "x", why: "it is away" });
      return { text };
    },
  });
  return { path, recorder, ...world };
}

const lines = (path: string): RecordedCall[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => readRecordedCall(line) as RecordedCall);

describe("the recorder", () => {
  it("writes a line for each call, without its body", async (t) => {
    const { path, recorder, client, clock } = await stage(t);
    await client().unary({ text: "a secret" });
    await assert.rejects(client(500).unary({ text: "fail" }));
    await recorder.close();
    const [first, second] = lines(path);
    assert.deepEqual(first, {
      at: clock.now(),
      method: "sampan.test.v1.EchoService/Unary",
      side: "client",
      tenant: "default",
      caller: "client",
      release: "stable",
      labels: {},
      user: "",
      durationMs: 0,
      code: 0,
      reason: "",
      idempotent: first?.idempotent ?? false,
      timeoutMs: 60_000,
    });
    assert.deepEqual([second?.code, second?.reason, second?.timeoutMs], [14, "UNAVAILABLE", 500]);
    assert.doesNotMatch(readFileSync(path, "utf8"), /secret/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("tells users apart without naming them", async (t) => {
    const { path, recorder, root } = await stage(t);
    const { EchoService } = await import("@sampan/testkit");
    for (const subject of ["ann", "bob", "ann"]) {
      await root()
        .to(EchoService, { user: { subject, roles: [] } })
        .unary({ text: "x" });
    }
    await recorder.close();
    const users = lines(path).map(({ user }) => user);
    assert.equal(users[0], users[2]);
    assert.notEqual(users[0], users[1]);
    assert.match(users[0] as string, /^[0-9a-f]{16}$/);
  });

  it("turns its file over at the size it may have, and keeps one before", async (t) => {
    const { path, recorder, client } = await stage(t, { maxBytes: 700 });
    for (let call = 0; call < 8; call++) await client().unary({ text: "x" });
    await recorder.close();
    assert.ok(statSync(path).size <= 700 && statSync(`${path}.1`).size <= 700);
    assert.ok(lines(path).length >= 1 && lines(`${path}.1`).length >= 2);
    assert.equal(recorder.dropped, 0);
  });

  it("leaves out and counts what does not fit its queue, or cannot be written", async (t) => {
    const { path, recorder, client } = await stage(t, { maxQueue: 3 });
    await Promise.all([1, 2, 3].map(() => client().unary({ text: "x" })));
    await recorder.close();
    const full = await stage(t, { maxQueue: 3, path: join(folder(t), "absent", "calls.jsonl") });
    await full.client().unary({ text: "x" });
    await full.recorder.close();
    assert.deepEqual([recorder.dropped + lines(path).length, full.recorder.dropped], [3, 1]);
  });
});

describe("a line of a recording", () => {
  it("is refused when it is cut off or is something else", () => {
    const good = {
      at: 1,
      method: "a.B/C",
      side: "client",
      tenant: "t",
      caller: "",
      release: "stable",
      labels: { a: "b" },
      user: "",
      durationMs: 1,
      code: 0,
      reason: "",
      idempotent: true,
      timeoutMs: 5,
    };
    assert.deepEqual(readRecordedCall(JSON.stringify(good)), good);
    for (const [change, why] of [
      [{ at: "now" }, "has no number at"],
      [{ code: -1 }, "has no number code"],
      [{ method: "C" }, /has no method/],
      [{ side: "both" }, "has no side"],
      [{ labels: { a: 1 } }, "has no labels"],
      [{ tenant: undefined }, "has no text tenant"],
      [{ idempotent: "yes" }, /idempotent/],
    ] as const) {
      assert.match(String(readRecordedCall(JSON.stringify({ ...good, ...change }))), new RegExp(why));
    }
    assert.equal(readRecordedCall('{"at": 1'), "is no JSON");
    assert.equal(readRecordedCall("null"), "is no record");
  });
});
