import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";
import { tokenIssuer } from "./token-issuer.js";
import { createTokenKeys } from "./token-keys.js";
import { loadOrCreateTokenKeys } from "./token-keys-file.js";
import { tokenVerifier } from "./token-verifier.js";

describe("token keys in a folder", () => {
  let parent: string;
  let folder: string;
  let file: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "sampan-identity-"));
    folder = join(parent, "data", "identity");
    file = join(folder, "token-keys.json");
  });
  afterEach(() => rm(parent, { recursive: true }));

  it("are made once, for their owner only, and are the same after a restart", async () => {
    const first = await loadOrCreateTokenKeys(folder);
    const second = await loadOrCreateTokenKeys(folder);
    assert.deepEqual(second.publicKeys, first.publicKeys);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(folder), ["token-keys.json"]);
    const names = { issuer: "i", audience: "a" };
    const { token } = await tokenIssuer({ keys: first, ...names }).issue({ subject: "u", roles: [], tenant: "t" });
    assert.equal((await tokenVerifier({ keys: second.publicKeys, ...names }).verify(token)).subject, "u");
  });

  it("are the same for all who start together, in one process and in several", async () => {
    const here = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateTokenKeys(folder)));
    assert.equal(new Set(here.map((keys) => keys.kid)).size, 1);
    await rm(folder, { recursive: true });
    const module = new URL("./token-keys-file.js", import.meta.url).href;
    const program = `const { loadOrCreateTokenKeys } = await import(${JSON.stringify(module)}); console.log((await loadOrCreateTokenKeys(process.argv[1])).kid);`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, folder]);
    const kids = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout.trim());
    assert.equal(new Set(kids).size, 1);
    assert.match(kids[0] as string, /^[\w-]{43}$/);
    assert.deepEqual(await readdir(folder), ["token-keys.json"]);
  });

  it("are refused when others can read them", async () => {
    await loadOrCreateTokenKeys(folder);
    await chmod(file, 0o640);
    await assert.rejects(loadOrCreateTokenKeys(folder), /can be read by others/);
  });

  it("are refused when they are damaged, without quoting them", async () => {
    await loadOrCreateTokenKeys(folder);
    const { keys } = JSON.parse(await readFile(file, "utf8")) as { keys: [Record<string, string>] };
    const other = (await createTokenKeys()).publicKeys.keys[0] as { x?: string } | undefined;
    const damaged = ["", "{", "null", "{}", '{"keys":[{}]}', JSON.stringify({ keys: [{ ...keys[0], x: other?.x }] })];
    for (const content of damaged) {
      await writeFile(file, content);
      await assert.rejects(loadOrCreateTokenKeys(folder), (error: Error) => {
        assert.match(error.message, /holds no usable key/);
        assert.equal(error.cause, undefined);
        return true;
      });
    }
  });

  it("keep their private half in the process", async () => {
    const { privateKey } = await loadOrCreateTokenKeys(folder);
    assert.equal(privateKey.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("jwk", privateKey as never));
  });
});
