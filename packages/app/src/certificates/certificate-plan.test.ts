import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsError } from "@sampan/config";
import { noSettings } from "../echo.fixture.js";
import { service } from "../service.js";
import { readServiceSettings } from "../service-settings.js";
import { certificatePlan } from "./certificate-plan.js";

const modules = [service({ name: "echo", settings: noSettings, needs: {}, build: () => ({}) })];

function planOf(
  set: Record<string, Record<string, unknown>>,
  env: Record<string, string> = {},
): ReturnType<typeof certificatePlan> {
  return certificatePlan(readServiceSettings(modules, { argv: [], env: {}, folder: "none", set }), env);
}

const access = { policy: "access.yaml" };
const wrong = (...settings: string[]) => ({
  check: (error: unknown) => {
    assert.ok(error instanceof SettingsError, String(error));
    assert.deepEqual(
      error.problems.map(({ setting }) => setting),
      settings,
    );
    return true;
  },
});

test("without certificates there is no plan, and a policy is not asked for", () => {
  assert.equal(planOf({}), undefined);
  assert.equal(planOf({}, { SPIFFE_ENDPOINT_SOCKET: "unix:/run/agent.sock" }), undefined);
});

test("the socket is that of the setting, or else that which SPIFFE names", () => {
  const env = { SPIFFE_ENDPOINT_SOCKET: "unix:///run/agent.sock" };
  const target = (certificates: Record<string, unknown>) =>
    planOf({ certificates: { mode: "workload", ...certificates }, access }, env)?.target;
  assert.equal(target({}), "unix:/run/agent.sock");
  assert.equal(target({ endpoint: "unix:/run/other.sock" }), "unix:/run/other.sock");
});

test("everything that is wrong is told at once: no socket, and no policy of who may call", () => {
  const certificates = { mode: "workload" };
  assert.throws(() => planOf({ certificates }), wrong("certificates.endpoint", "access.policy").check);
  assert.throws(() => planOf({ certificates, access }), wrong("certificates.endpoint").check);
  const relative = { mode: "workload", endpoint: "unix:run/agent.sock" };
  assert.throws(() => planOf({ certificates: relative, access }), wrong("certificates.endpoint").check);
  const endpoint = "unix:/run/agent.sock";
  assert.throws(() => planOf({ certificates: { ...certificates, endpoint } }), wrong("access.policy").check);
  const servers = ["order.v1.OrderService=spiffe://Shop.test/x"];
  assert.throws(
    () => planOf({ certificates: { ...certificates, endpoint, servers }, access }),
    wrong("certificates.servers").check,
  );
});
