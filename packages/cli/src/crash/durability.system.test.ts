import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Runtime, silentLogger, systemClock } from "@sampan/core";
import type { SqliteSql } from "@sampan/data";
import { createMeter } from "@sampan/telemetry";
import { services } from "../platform/services.js";
import { startPlatform } from "../platform/start-platform.js";

/** Every file of a data folder that holds what was answered. A service that gets a new one adds it here. */
const files = ["auth", "catalog", "inventory", "notification", "order", "payment", "queue", "user"];

function inFolder(work: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "sampan-durability-"));
    try {
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

const runtime = new Runtime({
  name: "durability",
  connect() {
    throw new Error("nothing is called here");
  },
});

for (const service of services) {
  const dependency = service.needs.sql;
  if (dependency === undefined || dependency.lifetime === "call") continue;
  test(
    `${service.name} opens its database so that a commit is on the disk before it is answered`,
    inFolder(async (dataFolder) => {
      const { value, close } = await dependency.open({
        service: service.name,
        dataFolder,
        sharedData: false,
        runtime,
        settings: {},
        clock: systemClock,
        logger: silentLogger,
        meter: createMeter(),
        announce: () => {},
        need: () => assert.fail("a database needs nothing else"),
      });
      // A power cut cannot be tested by killing a process, because the page cache survives that: so the settings are.
      assert.deepEqual(await (value as SqliteSql<unknown>).durability(), {
        journalMode: "wal",
        synchronous: "full",
        foreignKeys: true,
      });
      await close?.();
    }),
  );
}

test(
  "a platform keeps its data in the files that are known to be durable, and in no others",
  inFolder(async (data) => {
    const platform = await startPlatform({
      data,
      port: 0,
      env: {},
      run: { signals: false },
      set: { process: { logLevel: "error", adminPort: -1 } },
    });
    await platform.stop();
    const found = readdirSync(data).filter((name) => name.endsWith(".db"));
    assert.deepEqual(
      found.sort(),
      files.map((name) => `${name}.db`),
    );
    for (const name of found)
      assert.deepEqual(writeAndReadVersion(join(data, name)), [2, 2], `${name} is not in WAL mode`);
  }),
);

/** Bytes 18 and 19 of the header are 2 in a file that is in WAL mode (sqlite.org/fileformat2.html, section 1.3). */
function writeAndReadVersion(file: string): number[] {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, "r");
  readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  return [...header.subarray(18)];
}
