import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { AuditErrors } from "./audit-errors.js";
import { type ChainHead, link } from "./chain.js";
import type { AuditEvent } from "./entry.js";
import { type AuditFilter, exportTrail } from "./export-trail.js";
import { type AuditTrailOptions, openAuditTrail } from "./trail.js";
import { verifyTrail } from "./verify-trail.js";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-audit-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function event(n: number, change: Partial<AuditEvent> = {}): AuditEvent {
  return {
    tenant: "shop-a",
    subject: `user-${n}`,
    caller: "gateway",
    action: "order.v1.OrderService/RefundOrder",
    target: `order-${n}`,
    outcome: "OK",
    traceId: "",
    details: { n: String(n) },
    ...change,
  };
}

/** A trail of so many events, written and closed. */
async function written(folder: string, count: number, options: Partial<AuditTrailOptions> = {}): Promise<ChainHead> {
  const trail = await openAuditTrail({ folder, clock: createFakeClock(), ...options });
  for (let n = 0; n < count; n++) await trail.append(event(n));
  await trail.close();
  return trail.head;
}

const files = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(folder, name));
const linesOf = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");
const writeLines = (path: string, lines: readonly string[]): void => writeFileSync(path, `${lines.join("\n")}\n`);

async function exported(folder: string, filter: AuditFilter = {}): Promise<string[]> {
  const targets: string[] = [];
  for await (const { target } of exportTrail(folder, filter)) targets.push(target);
  return targets;
}

test("what is written is there, in order, linked, and for the owner only", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock();
  const trail = await openAuditTrail({ folder, clock });
  await Promise.all(Array.from({ length: 100 }, (_, n) => trail.append(event(n))));
  await trail.close();
  const report = await verifyTrail(folder);
  assert.deepEqual(report.problems, []);
  assert.deepEqual([report.files, report.events, report.lines, report.isTorn], [1, 100, 102, false]);
  assert.deepEqual(report.head, trail.head);
  assert.deepEqual(
    await exported(folder),
    Array.from({ length: 100 }, (_, n) => `order-${n}`),
  );
  assert.equal(statSync(files(folder)[0] as string).mode & 0o777, 0o600);
  const line = JSON.parse(linesOf(files(folder)[0] as string)[1] as string) as Record<string, unknown>;
  assert.equal(line.at, new Date(clock.now()).toISOString());
  assert.equal(line.subject, "user-0");
});

test("a trail goes on where it ended, over restarts and files", async (t) => {
  const folder = folderOf(t);
  for (let i = 0; i < 4; i++) await written(folder, 25, { maxFileBytes: 4000 });
  assert.ok(files(folder).length > 5);
  const report = await verifyTrail(folder);
  assert.deepEqual(report.problems, []);
  assert.equal(report.events, 100);
});

describe("verify finds", () => {
  const tampered = async (t: TestContext, change: (paths: readonly string[]) => void) => {
    const folder = folderOf(t);
    const head = await written(folder, 30, { maxFileBytes: 3000, checkpointEvery: 10 });
    assert.deepEqual((await verifyTrail(folder, { expect: head })).problems, []);
    change(files(folder));
    return { folder, head, report: await verifyTrail(folder) };
  };

  for (const [what, change, at] of [
    [
      "a line that was changed",
      (lines: string[]) => lines.splice(2, 1, (lines[2] as string).replace("user-", "user_")),
      3,
    ],
    ["a line that was taken out", (lines: string[]) => lines.splice(2, 1), 3],
    ["a line that was put in twice", (lines: string[]) => lines.splice(2, 0, lines[2] as string), 4],
    [
      "two lines that changed places",
      (lines: string[]) => lines.splice(2, 2, lines[3] as string, lines[2] as string),
      3,
    ],
    ["an empty line", (lines: string[]) => lines.splice(2, 0, ""), 3],
    ["the beginning taken out", (lines: string[]) => lines.splice(0, 1), 1],
    ["something that is no line", (lines: string[]) => lines.splice(2, 1, "{}"), 3],
    ["a carriage return", (lines: string[]) => lines.splice(2, 1, `${lines[2]}\r`), 3],
    [
      "a hash of another line",
      (lines: string[]) =>
        lines.splice(2, 1, `${(lines[2] as string).slice(0, -66)}${(lines[3] as string).slice(-66)}`),
      3,
    ],
  ] as const) {
    test(what, async (t) => {
      const { report } = await tampered(t, ([, second]) => {
        const lines = linesOf(second as string);
        change(lines);
        writeLines(second as string, lines);
      });
      assert.equal(report.problems[0]?.line, at, JSON.stringify(report.problems));
      assert.match(report.problems[0]?.file ?? "", /audit-/);
    });
  }

  test("bytes that are not UTF-8, and a byte order mark", async (t) => {
    const { report } = await tampered(t, ([first]) => {
      const bytes = readFileSync(first as string);
      bytes[bytes.indexOf("user-")] = 0xff;
      writeFileSync(first as string, bytes);
    });
    assert.equal(report.problems.length, 1);
    const marked = await tampered(t, ([first]) =>
      writeFileSync(first as string, Buffer.concat([Buffer.from("\ufeff"), readFileSync(first as string)])),
    );
    assert.equal(marked.report.problems[0]?.line, 1);
  });

  test("bytes that read like the character that stands for unreadable ones", async (t) => {
    const folder = folderOf(t);
    const trail = await openAuditTrail({ folder });
    await trail.append(event(1, { target: "\ufffd" }));
    await trail.close();
    const [path = ""] = files(folder);
    const bytes = readFileSync(path);
    const at = bytes.indexOf("\ufffd");
    writeFileSync(path, Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at + 3)]));
    assert.equal((await verifyTrail(folder)).problems[0]?.line, 2);
  });

  test("a line that was written anew with a hash of its own, at the line behind it", async (t) => {
    const { report } = await tampered(t, ([, second]) => {
      const lines = linesOf(second as string);
      const before = JSON.parse(lines[1] as string) as ChainHead;
      lines[2] = link({ sequence: before.sequence, hash: before.hash }, 0, event(99)).text;
      writeLines(second as string, lines);
    });
    assert.deepEqual([report.problems[0]?.line, report.problems.length], [4, 1]);
    assert.match(report.problems[0]?.why ?? "", /follows another line/);
  });

  test("a file that was taken out, the first one too; a file cut within", async (t) => {
    for (const index of [0, 1]) {
      const { report } = await tampered(t, (paths) => rmSync(paths[index] as string));
      assert.match(report.problems[0]?.why ?? "", /a file is missing/);
    }
    const { report } = await tampered(t, ([, second]) =>
      truncateSync(second as string, statSync(second as string).size - 5),
    );
    assert.match(report.problems[0]?.why ?? "", /not complete/);
  });

  test("an end that was cut off, and a trail written anew, when its head was noted elsewhere", async (t) => {
    const { folder, head } = await tampered(t, (paths) => {
      const last = paths.at(-1) as string;
      writeLines(last, linesOf(last).slice(0, -1));
    });
    assert.deepEqual((await verifyTrail(folder)).problems, []);
    assert.match((await verifyTrail(folder, { expect: head })).problems[0]?.why ?? "", /cut off/);
    const anew = folderOf(t);
    await written(anew, 31, { maxFileBytes: 3000, checkpointEvery: 10, clock: createFakeClock(1) });
    assert.deepEqual((await verifyTrail(anew)).problems, []);
    assert.equal((await verifyTrail(anew, { expect: head })).problems.length, 1);
  });

  test("any octet that is changed", async (t) => {
    const folder = folderOf(t);
    const head = await written(folder, 5);
    const [path = ""] = files(folder);
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] as number) ^ flip;
        writeFileSync(path, bytes);
        const { problems, isTorn } = await verifyTrail(folder, { expect: head });
        assert.ok(problems.length > 0 || isTorn, `octet ${at}`);
      }),
      { numRuns: 300 },
    );
  });

  test("an archive's rest, held against the head of what was moved away", async (t) => {
    const folder = folderOf(t);
    await written(folder, 30, { maxFileBytes: 3000 });
    const [first = "", second = ""] = files(folder);
    const { sequence, hash } = JSON.parse(linesOf(first).at(-1) as string) as ChainHead;
    rmSync(first);
    assert.equal((await verifyTrail(folder)).problems.length, 1);
    assert.deepEqual((await verifyTrail(folder, { from: { sequence, hash } })).problems, []);
    assert.ok(second.includes(String(sequence + 1)));
  });
});

describe("a crash", () => {
  test("within a line drops what was not acknowledged, says so, and the chain goes on", async (t) => {
    for (const cut of [1, 2, 70, 100]) {
      const folder = folderOf(t);
      await written(folder, 3);
      const [path = ""] = files(folder);
      truncateSync(path, statSync(path).size - cut);
      assert.equal((await verifyTrail(folder)).isTorn, true);
      await written(folder, 2);
      const report = await verifyTrail(folder);
      assert.deepEqual(
        [report.problems, report.recovered, report.isTorn, report.events],
        [[], 1, false, 5],
        String(cut),
      );
    }
  });

  test("at any octet of the file leaves a trail that can be opened", async (t) => {
    const folder = folderOf(t);
    await written(folder, 6, { maxFileBytes: 1200 });
    const paths = files(folder);
    const last = paths.at(-1) as string;
    const good = readFileSync(last);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length), async (size) => {
        for (const path of files(folder)) if (!paths.includes(path)) rmSync(path);
        writeFileSync(last, good.subarray(0, size));
        await written(folder, 1);
        const report = await verifyTrail(folder);
        assert.deepEqual([report.problems, report.isTorn], [[], false]);
      }),
      { numRuns: 60 },
    );
  });

  test("cannot explain a last line that is whole and wrong", async (t) => {
    const folder = folderOf(t);
    await written(folder, 3);
    appendFileSync(files(folder)[0] as string, "{}\n");
    await assert.rejects(openAuditTrail({ folder }), (error) => AuditErrors.AUDIT_DAMAGED.is(error));
    // And the folder is free again.
    await assert.rejects(openAuditTrail({ folder }), (error) => AuditErrors.AUDIT_DAMAGED.is(error));
  });
});

test("checkpoints are told when they are safe, and can be held against the trail later", async (t) => {
  const folder = folderOf(t);
  const heads: ChainHead[] = [];
  await written(folder, 25, { checkpointEvery: 10, onCheckpoint: (head) => heads.push(head) });
  assert.equal(heads.length, 3);
  for (const expect of heads) assert.deepEqual((await verifyTrail(folder, { expect })).problems, []);
});

test("one process writes to a folder, once", async (t) => {
  const folder = folderOf(t);
  const trail = await openAuditTrail({ folder });
  const inUse = (error: unknown): boolean => AuditErrors.AUDIT_IN_USE.is(error);
  await assert.rejects(openAuditTrail({ folder }), inUse);
  await trail.close();
  writeFileSync(join(folder, "audit.lock"), String(process.ppid));
  await assert.rejects(openAuditTrail({ folder }), inUse);
  // What a process that is gone has left, or one of our own number in another life.
  for (const pid of ["4194304", String(process.pid), "", "x"]) {
    writeFileSync(join(folder, "audit.lock"), pid);
    await (await openAuditTrail({ folder })).close();
  }
});

test("limits: texts, details and how many wait", async (t) => {
  const folder = folderOf(t);
  const trail = await openAuditTrail({ folder, maxWaiting: 2 });
  t.after(() => trail.close());
  const refused = (change: Partial<AuditEvent>, field: string): Promise<void> =>
    assert.rejects(
      trail.append(event(1, change)),
      (error) => AuditErrors.AUDIT_ENTRY.is(error) && error.info?.metadata.field === field,
    );
  await refused({ target: "x".repeat(2049) }, "target");
  await refused({ action: "" }, "action");
  await refused({ tenant: "" }, "tenant");
  await refused({ subject: 7 as never }, "subject");
  await refused({ details: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [n, ""])) }, "details");
  await refused({ details: { a: "x".repeat(2049) } }, "details");
  await trail.append(
    event(1, {
      target: "x".repeat(2048),
      details: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [n, "x".repeat(2048)])),
    }),
  );
  const results = await Promise.allSettled([trail.append(event(1)), trail.append(event(2)), trail.append(event(3))]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  await trail.append(event(4, { details: { text: 'a"},"hash":"x"\n\u2028\ufffd😀' } }));
  await trail.close();
  await assert.rejects(trail.append(event(5)), (error) => AuditErrors.AUDIT_CLOSED.is(error));
  assert.deepEqual((await verifyTrail(folder)).problems, []);
});

test("with syncs at intervals, lines are there at once and the sync comes later", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock();
  const trail = await openAuditTrail({ folder, clock, sync: { everyMs: 1000 } });
  await trail.append(event(1));
  assert.equal((await exported(folder)).length, 1);
  assert.equal(clock.pending, 1);
  await clock.advance(1000);
  assert.equal(clock.pending, 0);
  await trail.close();
});

test("an export has what fits every filter", async (t) => {
  const folder = folderOf(t);
  const clock = createFakeClock(1_700_000_000_000);
  const trail = await openAuditTrail({ folder, clock });
  await trail.append(event(1));
  await clock.advance(1000);
  await trail.append(event(2, { tenant: "shop-b", outcome: "PermissionDenied" }));
  await clock.advance(1000);
  await trail.append(event(3, { action: "order.v1.OrderService/Cancel", caller: "order" }));
  await trail.close();
  for (const [filter, targets] of [
    [{}, ["order-1", "order-2", "order-3"]],
    [{ tenant: "shop-a" }, ["order-1", "order-3"]],
    [{ subject: "user-2" }, ["order-2"]],
    [{ caller: "order" }, ["order-3"]],
    [{ action: "order.v1.OrderService/*" }, ["order-1", "order-2", "order-3"]],
    [{ action: "order.v1.OrderService/Cancel" }, ["order-3"]],
    [{ action: "order.v1.OrderService/" }, []],
    [{ outcome: "PermissionDenied" }, ["order-2"]],
    [{ from: 1_700_000_001_000 }, ["order-2", "order-3"]],
    [{ until: 1_700_000_001_000 }, ["order-1"]],
    [{ tenant: "shop-a", from: 1_700_000_001_000 }, ["order-3"]],
  ] as const) {
    assert.deepEqual(await exported(folder, filter), targets, JSON.stringify(filter));
  }
  const path = files(folder)[0] as string;
  writeFileSync(path, readFileSync(path, "utf8").replace("shop-b", "shop-c"));
  await assert.rejects(exported(folder), (error) => AuditErrors.AUDIT_DAMAGED.is(error));
});
