import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@sampan/core";
import { memoryBoard } from "@sampan/discovery";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { RegistryBook } from "../remote-registry/registry-book.js";
import { registryService } from "../remote-registry/registry-service.js";
import { type RunningProcess, run } from "../run.js";
import { type ServiceModule, service } from "../service.js";

const module = (name: string, serves: () => ReturnType<typeof echo>[] = () => []): ServiceModule =>
  service({ name, settings: noSettings, needs: {}, build: () => ({ serves: serves() }) });

/** A registry, and processes that use it, over sockets in one program; all end with the test. */
async function neighbourhood(t: { after(work: () => Promise<void>): void }) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-dis-"));
  const running: RunningProcess[] = [];
  t.after(async () => {
    for (const each of running.reverse()) await each.stop();
    rmSync(folder, { recursive: true });
  });
  const begin = async (what: ServiceModule, process: Readonly<Record<string, unknown>>): Promise<RunningProcess> => {
    const begun = await run(what, alone({ process }));
    running.push(begun);
    return begun;
  };
  const book = new RegistryBook({ clock: systemClock });
  const home = module("home", () => [registryService(book, memoryBoard(systemClock)) as ReturnType<typeof echo>]);
  const listen = (name: string): string => `unix:${join(folder, name)}`;
  await begin(home, { listen: listen("home") });
  const registry = `sampan:${listen("home")}`;
  return {
    book,
    /** An instance that answers with its name. */
    instance: (name: string, more: Readonly<Record<string, unknown>> = {}) =>
      begin(
        module("shop", () => [echo(() => ({ text: name }))]),
        { listen: listen(name), registry, instance: name, leaveGrace: "0s", ...more },
      ),
    caller: () => begin(module("caller"), { registry }),
  };
}

const ask = (caller: RunningProcess, releaseTag = ""): Promise<string> =>
  caller
    .runtime("caller")
    .run({ name: "ask", origin: { tenant: "default", releaseTag, traceparent: "" } }, async (call) => {
      const { text } = await call.to(EchoService).unary({ text: "who?" });
      return text;
    });

const found = ({ book }: { readonly book: RegistryBook }) => book.instances(EchoService.typeName);

test("a process is in the registry while it takes calls, with what its settings say of it", async (t) => {
  const there = await neighbourhood(t);
  const more = { zone: "east", weight: 7, release: "canary", advertise: "dns:shop:9000" };
  const a = await there.instance("a", more);
  const [known] = found(there);
  assert.match(known?.id ?? "", /^a\.[a-z0-9]+$/);
  assert.deepEqual(
    { ...known, id: "" },
    { id: "", address: "dns:shop:9000", zone: "east", weight: 7, version: "canary", labels: {}, health: "up" },
  );
  assert.equal(a.discovery?.instanceId, known?.id);
  await a.discovery?.update({ weight: 0 });
  assert.equal(found(there)[0]?.weight, 0);
  await a.stop();
  assert.deepEqual(found(there), []);
});

test("calls go to all instances in the registry, and to those of their release", async (t) => {
  const there = await neighbourhood(t);
  await there.instance("a");
  await there.instance("b");
  await there.instance("c", { release: "canary" });
  const caller = await there.caller();
  caller.discovery?.balanceBy(EchoService.typeName, "round-robin");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(caller)));
  assert.deepEqual([...new Set(answers)].sort(), ["a", "b"]);
  assert.equal(await ask(caller, "canary"), "c");
  assert.equal(caller.discovery?.states().get(EchoService.typeName)?.instances.length, 3);
});

test("the balancer of a service can be changed while it is called", async (t) => {
  const there = await neighbourhood(t);
  await there.instance("a");
  await there.instance("b");
  const caller = await there.caller();
  await ask(caller);
  caller.discovery?.balanceBy(EchoService.typeName, "round-robin");
  const answers: string[] = [];
  for (let i = 0; i < 10; i++) answers.push(await ask(caller));
  assert.notEqual(answers[0], answers[1]);
  for (const [i, answer] of answers.entries()) assert.equal(answer, answers[i % 2]);
});

test("a call without any instance says so", async (t) => {
  const caller = await (await neighbourhood(t)).caller();
  await assert.rejects(ask(caller), /no instance of .*EchoService is known/);
});
