import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import {
  type Call,
  Code,
  type Handler,
  implement,
  type Method,
  methods,
  RpcError,
  Runtime,
  silentLogger,
} from "@sampan/core";
import { type AuditEntry, verifyTrail } from "@sampan/identity/audit";
import { createMeter } from "@sampan/telemetry";
import { createFakeClock, EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { readServiceSettings } from "../service-settings.js";
import type { AuditSettings } from "./audit-settings.js";
import { auditName, openAudit } from "./process-audit.js";

const operators = implement(OperatorService, {
  createOperator: () => ({}),
  listOperators: () => ({}),
  setOperatorRoles: () => ({}),
  setOperatorPassword: () => ({}),
});
const auth = service({
  name: "auth",
  settings: noSettings,
  needs: {},
  build: () => ({ serves: [operators, echo()] }),
});
const admin = { subject: "op1", roles: ["operator"], scopes: ["operators.manage"] };

/** What is in the trail of a process that did this. */
async function trailOf(
  t: TestContext,
  set: Record<string, Record<string, unknown>>,
  work: (call: Call) => Promise<unknown>,
): Promise<readonly AuditEntry[]> {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const process = await run(auth, alone({ ...set, audit: { folder, ...set.audit } }));
  const origin = { tenant: "default", releaseTag: "", traceparent: "" };
  await process.runtime("auth").run({ name: "t", origin }, async (call) => void (await work(call)));
  await process.stop();
  const { problems } = await verifyTrail(join(folder, "auth"));
  assert.deepEqual(problems, []);
  const lines = readdirSync(join(folder, "auth"))
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) =>
      readFileSync(join(folder, "auth", name), "utf8")
        .trimEnd()
        .split("\n"),
    );
  assert.doesNotMatch(lines.join("\n"), /hush/);
  return lines.map((line) => JSON.parse(line) as AuditEntry).filter(({ kind }) => kind === "event");
}

const refusal = (error: RpcError): string => error.reason;
const shown = ({ subject, caller, action, target, outcome }: AuditEntry) =>
  `${subject} ${caller} ${action.split("/")[1]} ${target} ${outcome}`;

test("what an operator does is in the trail: to whom, by whom, and nothing else of the request", async (t) => {
  const entries = await trailOf(t, {}, async (call) => {
    const api = call.to(OperatorService, { user: admin });
    await api.setOperatorPassword({ name: "op2", password: "hush-hush-hush" });
    await api.listOperators({});
    await call.to(EchoService).unary({ text: "hush" });
  });
  assert.deepEqual(entries.map(shown), ["op1 auth SetOperatorPassword op2 OK", "op1 auth ListOperators  OK"]);
  assert.match(entries[0]?.traceId ?? "", /^[0-9a-f]{32}$/);
});

test("what was refused is in the trail, whatever the method and whoever refused it", async (t) => {
  const policy = join(mkdtempSync(join(tmpdir(), "audit-")), "access.yaml");
  writeFileSync(policy, "rules: [{ name: operators, from: [auth], to: ['auth.v1.OperatorService/*'] }]");
  const entries = await trailOf(t, { access: { policy } }, async (call) => {
    assert.equal(await call.to(EchoService).unary({ text: "hush" }).catch(refusal), "ACCESS_DENIED");
    const clerk = { ...admin, subject: "op3", scopes: [] };
    const api = call.to(OperatorService, { user: clerk });
    assert.equal(await api.setOperatorRoles({ name: "op3", roles: ["admin"] }).catch(refusal), "SCOPE_REQUIRED");
  });
  rmSync(join(policy, ".."), { recursive: true });
  assert.deepEqual(entries.map(shown), [
    " auth Unary  PermissionDenied",
    "op3 auth SetOperatorRoles op3 PermissionDenied",
  ]);
});

test("whoever is refused cannot fill the disk: the next entry says how many have none", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const clock = createFakeClock();
  const meter = createMeter();
  const { folder: _, ...limits } = readServiceSettings([auth], { ...alone().sources }).section(
    "audit",
  ) as AuditSettings;
  const settings = { ...limits, folder, refusals: 2 };
  const audit = await openAudit({ settings, name: "auth", clock, logger: silentLogger, meter });
  const [unary] = methods(EchoService) as [Method];
  const refuse = audit.layers.reduceRight<Handler>(
    (next, layer) => layer(next, unary),
    () => ({}),
  );
  const runtime = new Runtime({ name: "auth", clock, connect: () => assert.fail("nothing is called") });
  const refused = (): void => {
    const call = runtime.root({ name: "t" });
    void refuse({}, call);
    call.settle(new RpcError(Code.PermissionDenied, "no"));
  };
  for (let times = 0; times < 5; times++) refused();
  await clock.advance(1000);
  refused();
  await audit.close();
  const [file = ""] = readdirSync(join(folder, "auth"));
  const lines = readFileSync(join(folder, "auth", file), "utf8")
    .trimEnd()
    .split("\n");
  const details = lines
    .map((line) => JSON.parse(line) as AuditEntry)
    .flatMap(({ kind, details }) => (kind === "event" ? [details] : []));
  assert.deepEqual(details, [{}, {}, { "not-written-before": "3" }]);
  assert.match(meter.expose(), /sampan_audit_unwritten_total\{why="limited"\} 3/);
});

test("each process has a folder of its own: by instance, or else by its service, and by worker", () => {
  assert.equal(auditName(["order"], "", undefined), "order");
  assert.equal(auditName(["order"], "order-2", undefined), "order-2");
  assert.equal(auditName(["gateway"], "", 3), "gateway-3");
  assert.equal(auditName(["order", "user"], "", undefined), "process");
});
