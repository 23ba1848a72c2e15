import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@sampan/core";
import { createHealth, createMeter } from "@sampan/telemetry";
import { type LogLine, logTo } from "@sampan/testkit";
import { alone, noSettings } from "../echo.fixture.js";
import { AppErrors } from "../errors.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { readServiceSettings } from "../service-settings.js";
import type { CertificateSettings } from "./certificate-settings.js";
import { idOf, newAuthority, serveWorkload } from "./mtls-world.fixture.js";
import { ProcessCertificates } from "./process-certificates.js";

const modules = [service({ name: "order", settings: noSettings, needs: {}, build: () => ({}) })];

async function world(t: TestContext, certificates: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  const endpoint = `unix:${join(folder, "agent")}`;
  const { sources } = alone({ certificates: { mode: "workload", endpoint, ...certificates } });
  const settings = readServiceSettings(modules, sources).section("certificates") as CertificateSettings;
  const lines: LogLine[] = [];
  const waiting: (() => void)[] = [];
  const meter = createMeter();
  const own = new ProcessCertificates({
    plan: { target: endpoint, settings },
    name: "order",
    clock: systemClock,
    logger: logTo(lines),
    meter,
    health: createHealth(),
  });
  own.watch(() => {
    for (const wake of waiting.splice(0)) wake();
  });
  // Neither background timers nor idle sockets keep a process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    clearInterval(alive);
    await own.close();
    rmSync(folder, { recursive: true });
  });
  const authority = await newAuthority(t);
  return {
    own,
    endpoint,
    authority,
    lines,
    meter,
    changed: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    serve: () => serveWorkload(t, { authority }, "order", endpoint),
  };
}

test("while the Workload API is away the certificate stays; when it is back another one comes", async (t) => {
  const { own, serve, changed, lines, meter } = await world(t);
  const first = await serve();
  await own.start();
  assert.equal(own.id, idOf("order"));
  assert.deepEqual(own.surroundings, { trustDomain: "shop.test", namespace: "sampan" });
  const pems = own.pems();
  await first.close();
  while (own.state().failure === "") await new Promise((resolve) => setImmediate(resolve));
  assert.equal(own.pems(), pems);
  assert.ok(lines.some(({ level, message }) => level === "warn" && /stays until it expires/.test(message)));
  const next = changed();
  await serve();
  await next;
  assert.equal(own.state().failure, "");
  assert.notDeepEqual(own.pems(), pems);
  assert.match(meter.expose(), /^sampan_certificate_expiry_seconds 3[56]\d\d/m);
});

test("a certificate of another trust domain than the settings say is not taken", async (t) => {
  const { own, serve } = await world(t, { trustDomain: "other.test" });
  await serve();
  await assert.rejects(own.start(), (error: Error) => {
    assert.ok(AppErrors.CERTIFICATES_MISSING.is(error));
    assert.match(
      error.message,
      /one of spiffe:\/\/shop\.test\S+ has come, and certificates\.trustDomain says other\.test/,
    );
    return true;
  });
});

test("a start that waits for its certificate can be interrupted", async (t) => {
  const { endpoint } = await world(t);
  const stop = new AbortController();
  const set = { certificates: { mode: "workload", endpoint }, access: { policy: "access.yaml" } };
  const starting = run(modules, {
    ...alone(set),
    signal: stop.signal,
    logSink: {
      write(line: string) {
        if (line.includes("the Workload API has failed")) stop.abort();
        return true;
      },
      flush() {},
    },
  });
  await assert.rejects(starting, AppErrors.START_INTERRUPTED.is);
});
