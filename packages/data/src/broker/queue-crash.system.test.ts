import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { openQueue } from "./queue.js";

test("a message in work when the process was killed is delivered again at once, and those behind it after it", async () => {
  const folder = temporaryFolder();
  const file = folder.file("queue.db");
  const program = fileURLToPath(new URL("./queue-crash.fixture.js", import.meta.url));
  const child = spawn(process.execPath, [program, file], { stdio: ["ignore", "inherit", "inherit"] });
  assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);

  const queue = await openQueue({ file });
  const got: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const handle = async ({ id, attempt }: { id: string; attempt: number }): Promise<void> => {
      got.push(`${id}/${attempt}`);
      if (id === "m3") resolve();
    };
    queue.subscribe({ topic: "orders", group: "mail", handle }).catch(reject);
  });
  // The first one is delivered again only when its acknowledgement had not reached the disk.
  assert.deepEqual(got.slice(-2), ["m2/2", "m3/1"]);
  await queue.close();
  folder.remove();
});
