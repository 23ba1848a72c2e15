// needs: strace
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { temporaryFolder } from "./temporary-folder.fixture.js";
import { startWriter } from "./writer-child.fixture.js";

/**
 * What a killed process cannot show, because the page cache survives it: that the log is on the disk before an answer is given. The
 * system calls show it.
 */
describe("an answered transaction", () => {
  it("has had the log synced to the disk before its answer", async () => {
    const events = await traceOf(["30", "1"]);
    let synced = false;
    let answers = 0;
    for (const event of events) {
      if (event === "synced") synced = true;
      if (event !== "answered") continue;
      assert.ok(synced, `answer ${answers} came before the disk had the log`);
      answers++;
      synced = false;
    }
    assert.equal(answers, 30);
  });

  it("shares its sync with those that waited with it, and is not answered before it", async () => {
    const events = await traceOf(["64", "32"]);
    assert.equal(events.filter((event) => event === "answered").length, 64);
    assert.ok(events.slice(0, events.indexOf("answered")).includes("synced"));
    const syncs = events.filter((event) => event === "synced").length;
    assert.ok(syncs < 20, `${syncs} syncs for 64 transactions of 32 clients`);
  });
});

/** The writer's syncs of the log and its answers, in order, from the first statement after opening. */
async function traceOf(args: readonly string[]): Promise<("synced" | "answered")[]> {
  const folder = temporaryFolder();
  const log = folder.file("trace");
  const wrapper = ["strace", "-f", "-y", "-s", "16", "-e", "trace=fsync,fdatasync,write", "-o", log];
  const writer = startWriter([folder.file("traced.db"), ...args], wrapper);
  try {
    await writer.until((line) => line === "end");
    await writer.kill();
    return eventsOf(readFileSync(log, "utf8").split("\n"));
  } finally {
    await writer.kill();
    folder.remove();
  }
}

function eventsOf(lines: readonly string[]): ("synced" | "answered")[] {
  const events: ("synced" | "answered")[] = [];
  const syncing = new Set<string>();
  let open = false;
  for (const line of lines) {
    const thread = line.split(" ", 1)[0] as string;
    if (/ write\(1<.*"open /.test(line)) open = true;
    if (!open) continue;
    // A call is one line, or two when another thread made one meanwhile: `… <unfinished ...>`, `<... fdatasync resumed>) = 0`.
    const begins = / (?:fsync|fdatasync)\(\d+<.*-wal>/.test(line);
    if (begins && line.includes("<unfinished")) syncing.add(thread);
    else if (begins && / = 0$/.test(line)) events.push("synced");
    else if (/ <\.\.\. (?:fsync|fdatasync) resumed>/.test(line) && syncing.delete(thread)) events.push("synced");
    if (/ write\(1<.*"done /.test(line)) events.push("answered");
  }
  return events;
}
