import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { notingStack, testSections } from "../rules.fixture.js";
import { Governor } from "../stack/governor.js";
import { fileSource } from "./file-source.js";
import { followSource } from "./follow-source.js";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "rules-"));
  // A source does not keep the process alive; these tests wait for nothing else.
  const alive = setInterval(() => {}, 1000);
  t.after(() => {
    clearInterval(alive);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** What a source tells, one after the other; each `next` waits for one more. */
function told(t: TestContext, path: string, maxBytes?: number) {
  const waiting: ((what: string) => void)[] = [];
  const come: string[] = [];
  const tell = (what: string): void => {
    const waiter = waiting.shift();
    if (waiter === undefined) come.push(what);
    else waiter(what);
  };
  const stop = fileSource(path, { pollMs: 20, settleMs: 5, ...(maxBytes === undefined ? {} : { maxBytes }) }).watch({
    rules: ({ text }) => tell(text),
    failed: (error) => tell(`failed: ${(error as Error).message.includes(path)}`),
  });
  t.after(stop);
  return {
    come,
    next: (): Promise<string> => {
      const first = come.shift();
      return first === undefined ? new Promise((resolve) => void waiting.push(resolve)) : Promise.resolve(first);
    },
  };
}

describe("a rule file", () => {
  it("is told when it is there, replaced, removed, and there again", async (t) => {
    const path = join(folder(t), "rules.yaml");
    const { next } = told(t, path);
    assert.equal(await next(), "failed: true");
    writeFileSync(path, "one");
    assert.equal(await next(), "one");
    writeFileSync(`${path}.new`, "two");
    renameSync(`${path}.new`, path);
    assert.equal(await next(), "two");
    rmSync(path);
    assert.equal(await next(), "failed: true");
    writeFileSync(path, "two");
    assert.equal(await next(), "two");
  });

  it("is followed through the swap of a link, as a ConfigMap does it", async (t) => {
    const root = folder(t);
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(root, `..${version}`));
      writeFileSync(join(root, `..${version}`, "rules.yaml"), version);
    }
    symlinkSync("..v1", join(root, "..data"));
    symlinkSync(join("..data", "rules.yaml"), join(root, "rules.yaml"));
    const { next } = told(t, join(root, "rules.yaml"));
    assert.equal(await next(), "v1");
    symlinkSync("..v2", join(root, "..data_tmp"));
    renameSync(join(root, "..data_tmp"), join(root, "..data"));
    assert.equal(await next(), "v2");
  });

  it("is read no further than one byte above the limit, for the reader of rules to refuse", async (t) => {
    const path = join(folder(t), "rules.yaml");
    writeFileSync(path, "x".repeat(100));
    assert.equal(await told(t, path, 10).next(), "x".repeat(11));
  });

  it("keeps the last good rules in force, and the reason why newer ones are not", async (t) => {
    const path = join(folder(t), "rules.yaml");
    writeFileSync(path, "rules: [{ name: one, tea: 1s }]");
    const governor = new Governor({ stack: notingStack([]).stack });
    const changes: (() => void)[] = [];
    const changed = (): Promise<void> => new Promise((resolve) => void changes.push(resolve));
    const source = fileSource(path, { pollMs: 20, settleMs: 5 });
    const stop = followSource(
      governor,
      {
        name: "shop.yaml",
        watch: (watcher) =>
          source.watch({
            rules: (rules) => {
              watcher.rules(rules);
              changes.shift()?.();
            },
            failed: (error) => watcher.failed(error),
          }),
      },
      { sections: testSections },
    );
    t.after(stop);
    await changed();
    assert.deepEqual(governor.state().active, ["one"]);
    writeFileSync(path, "rules: [{ name: two, tee: 1s }]");
    await changed();
    const { active, rejected } = governor.state();
    assert.deepEqual(active, ["one"]);
    assert.match(rejected?.why ?? "", /shop\.yaml:1:22: rules\[0\]\.tee: is not known here; did you mean tea\?/);
    writeFileSync(path, "rules: [{ name: three, tea: 1s }]");
    await changed();
    assert.deepEqual([governor.state().active, governor.state().rejected], [["three"], undefined]);
  });
});
