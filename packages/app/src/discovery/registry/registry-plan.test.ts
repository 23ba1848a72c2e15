import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsError } from "@sampan/config";
import type { KubernetesPod } from "@sampan/discovery/kubernetes";
import { alone, echo, noSettings } from "../../echo.fixture.js";
import { run } from "../../run.js";
import { service } from "../../service.js";
import { readServiceSettings, type SectionValues } from "../../service-settings.js";
import { registryPlan } from "./registry-plan.js";
import type { RegistrySettings } from "./registry-settings.js";
import { serviceNames } from "./service-names.js";

const nowhere: KubernetesPod = { api: undefined, namespace: undefined };
const inPod: KubernetesPod = { api: { endpoints: ["https://10.0.0.1:443"] }, namespace: "shop" };

function plan(registry: string, set: SectionValues[string] = {}, more: { pod?: KubernetesPod; listen?: string } = {}) {
  const read = readServiceSettings([], alone({ registry: set }).sources);
  const settings = read.section("registry") as RegistrySettings;
  const { pod = nowhere, listen = "127.0.0.1:0" } = more;
  return registryPlan({ registry, listen, advertise: "", settings, pod: () => pod });
}

/** The settings that are wrong, with what is wrong. */
function wrong(...args: Parameters<typeof plan>): string[] {
  try {
    plan(...args);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ setting, problem }) => `${setting} ${problem}`);
    throw error;
  }
  return [];
}

const http = ["http://a:2379", "http://[::1]:2379"];

test("a registry's address and section make the settings of its client", () => {
  assert.equal(plan(""), undefined);
  assert.deepEqual(plan("sampan:unix:/run/supervisor"), { kind: "sampan", target: "unix:/run/supervisor" });
  assert.deepEqual(plan(`etcd:${http.join(", ")}`, { namespace: "shop", ttl: "5s", user: "u", password: "p" }), {
    kind: "etcd",
    settings: { endpoints: http, namespace: "shop", ttlMs: 5000, user: { name: "u", password: "p" }, tls: undefined },
  });
  const files = { caFile: "/ca", certFile: "/cert", keyFile: "/key" };
  assert.deepEqual(plan("consul:https://c:8501", { token: "t", datacenter: "dc1", ...files }), {
    kind: "consul",
    settings: { endpoints: ["https://c:8501"], token: "t", datacenter: "dc1", ttlMs: 30_000, tls: files },
  });
  assert.deepEqual(plan("nacos:http://n:8848", { group: "G" }), {
    kind: "nacos",
    settings: { endpoints: ["http://n:8848"], group: "G", ttlMs: 30_000, user: undefined, tls: undefined },
  });
});

test("kubernetes is found by a pod's environment, or by an address", () => {
  const here = plan("kubernetes", { port: "grpc" }, { pod: inPod });
  assert.ok(here?.kind === "kubernetes");
  const { selectorOf, ...rest } = here.settings;
  assert.deepEqual(rest, { endpoints: ["https://10.0.0.1:443"], namespace: "shop", port: "grpc" });
  assert.equal(selectorOf?.("order.v1.OrderService"), "kubernetes.io/service-name=order");
  const proxied = plan("kubernetes:http://127.0.0.1:8001", { namespace: "other", names: "{name}" }, { pod: inPod });
  assert.ok(proxied?.kind === "kubernetes");
  assert.equal(proxied.settings.namespace, "other");
  assert.equal(proxied.settings.tokenFile, undefined, "no token without TLS");
  assert.equal(proxied.settings.selectorOf?.("order.v1.OrderService"), "kubernetes.io/service-name=order-service");
  const outside = plan("kubernetes:https://api:6443", { namespace: "shop", caFile: "/ca" });
  assert.ok(outside?.kind === "kubernetes");
  assert.match(outside.settings.tokenFile ?? "", /serviceaccount\/token$/);
  assert.equal(outside.settings.caFile, "/ca");
  assert.deepEqual(wrong("kubernetes"), [
    "process.registry says kubernetes without an address, which is for pods, and no KUBERNETES_SERVICE_HOST is set",
    "registry.namespace is empty, and no pod's files say it",
  ]);
});

test("dns calls services by a template", () => {
  const found = plan("dns", { names: "{package}.shop.svc:50051", servers: ["10.0.0.2:53"] });
  assert.ok(found?.kind === "dns");
  assert.equal(found.nameOf("order.v1.OrderService"), "order.shop.svc:50051");
  assert.deepEqual(found.servers, ["10.0.0.2:53"]);
  assert.ok(plan("dns", { names: "_grpc._tcp.{name}.shop" }));
  assert.deepEqual(wrong("dns"), ["registry.names is empty"]);
  assert.deepEqual(wrong("dns", { names: "{package}.shop" }), ["registry.names makes no name that can be looked up"]);
  assert.deepEqual(wrong("dns", { names: "{host}:1" }), ["registry.names has {host} in it, which is unknown"]);
  assert.match(wrong("dns:shop", { names: "{name}:1" }).join(), /^process\.registry has something after dns/);
});

test("parts of a service's name are written as hosts are", () => {
  const all = (name: string): string => {
    const nameOf = serviceNames("{package} {name} {service}");
    return typeof nameOf === "function" ? nameOf(name) : "";
  };
  assert.equal(
    all("mini_program.v1.HTTPProxyService"),
    "mini-program http-proxy-service mini_program.v1.HTTPProxyService",
  );
  assert.equal(all("Greeter"), "greeter greeter Greeter");
  assert.deepEqual(serviceNames("{constructor}"), { unknown: "constructor" });
});

for (const registry of ["redis:x", "redis", "constructor", ":", "etcdhttp://a:1"])
  test(`${registry} is no kind of registry`, () =>
    assert.deepEqual(wrong(registry), ["process.registry names no kind of registry that is known"]));

for (const address of [
  "",
  "a:2379",
  "ftp://a:1",
  "http://",
  "http://a:99999",
  "http://a:1/path",
  "http://a:1,,http://b:1",
])
  test(`etcd:${address} is refused`, () =>
    assert.match(wrong(`etcd:${address}`).join(), /^process\.registry has an address that is not http:\/\/host:port/));

test("credentials in an address are refused and not repeated", () => {
  assert.throws(
    () => plan("etcd:http://root:hunter2@a:2379"),
    (error: Error) => /registry\.user/.test(error.message) && !error.message.includes("hunter2"),
  );
});

test("settings that do not fit each other or their registry are all named at once", () => {
  assert.deepEqual(wrong("consul:http://c:1", { namespace: "shop", user: "u", certFile: "/cert" }), [
    "registry.keyFile is empty: a certificate needs its key",
    "registry.namespace is set, and this kind of registry has no use for it",
    "registry.user is set, and this kind of registry has no use for it",
  ]);
  assert.deepEqual(wrong("etcd:http://a:1", { user: "u" }), ["registry.password is missing, and registry.user is set"]);
  assert.deepEqual(wrong("nacos:http://a:1", { password: "p" }), [
    "registry.user is empty, and registry.password is set",
  ]);
});

test("an address that nobody can call is not announced to other machines", () => {
  for (const listen of ["0.0.0.0:9000", "[::]:9000", ":9000"])
    assert.match(wrong("etcd:http://a:1", {}, { listen }).join(), /^process\.advertise is empty/);
  assert.deepEqual(wrong("etcd:http://a:1", {}, { listen: "10.0.0.1:9000" }), []);
  assert.deepEqual(wrong("kubernetes", {}, { listen: "0.0.0.0:9000", pod: inPod }), []);
});

test("a process with a wrong registry opens nothing, and says which are right", async () => {
  const opened: string[] = [];
  const build = () => {
    opened.push("built");
    return { serves: [echo()] };
  };
  const shop = service({ name: "shop", settings: noSettings, needs: {}, build });
  await assert.rejects(run(shop, alone({ process: { registry: "zookeeper:http://a:1" } })), (error: Error) => {
    assert.match(error.message, /process\.registry[\s\S]*etcd:http:\/\/host:2379[\s\S]*dns/);
    return true;
  });
  assert.deepEqual(opened, []);
});
