import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeyValue } from "@sampan/core/ports";
import { alone, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { oneProcessOnly } from "../workers/one-process-only.js";
import { keyValue } from "./key-value.js";

const using = (name: string, got: KeyValue[]) =>
  service({
    name,
    settings: noSettings,
    needs: { keyValue },
    build({ keyValue }) {
      got.push(keyValue);
      return {};
    },
  });

test("the services of a process share one store, which closes with it", async () => {
  const got: KeyValue[] = [];
  const process = await run([using("auth", got), using("gateway", got)], alone());
  const [auth, gateway] = got as [KeyValue, KeyValue];
  await auth.put("auth/nonce", new Uint8Array([1]));
  assert.deepEqual(await gateway.get("auth/nonce"), new Uint8Array([1]));
  await process.stop();
  await assert.rejects(auth.get("auth/nonce"), /closed/);
});

test("workers are refused a store that they would not share, and take that of another process", () => {
  const modules = [using("gateway", [])];
  const needsOf = (remote: boolean) => oneProcessOnly(modules, { section: () => ({ remote }) });
  assert.deepEqual(
    needsOf(false).map(({ need }) => need),
    ["keyValue"],
  );
  assert.deepEqual(needsOf(true), []);
});
