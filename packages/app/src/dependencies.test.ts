import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, noSettings, noted } from "./echo.fixture.js";
import { AppErrors } from "./errors.js";
import { run } from "./run.js";
import { service } from "./service.js";

const using = (name: string, needs: Parameters<typeof service>[0]["needs"], got: unknown[] = []) =>
  service({
    name,
    settings: noSettings,
    needs,
    build: (context) => {
      got.push(...Object.keys(needs).map((need) => (context as Record<string, unknown>)[need]));
      return {};
    },
  });

test("a dependency of the process is opened once and shared, one of a service for each; they close in reverse", async () => {
  const notes: string[] = [];
  const got: unknown[] = [];
  const broker = noted("broker", notes);
  const needs = () => ({ sql: noted("sql", notes, { lifetime: "service" }), broker });
  const process = await run([using("order", needs(), got), using("user", needs(), got)], alone());
  assert.deepEqual(got, ["sql of order", "broker", "sql of user", "broker"]);
  await process.stop();
  assert.deepEqual(notes, [
    "open sql of order",
    "open broker",
    "open sql of user",
    "close sql of user",
    "close broker",
    "close sql of order",
  ]);
});

test("one that fails to open is named, and those that were opened before are closed", async () => {
  const notes: string[] = [];
  const cause = new Error("the disk is on fire");
  const broken = noted("queue", notes, {
    lifetime: "service",
    open: () => {
      throw cause;
    },
  });
  const order = using("order", { a: noted("a", notes), b: noted("b", notes), broken, c: noted("c", notes) });
  await assert.rejects(run(order, alone()), (error: unknown) => {
    assert.ok(AppErrors.START_FAILED.is(error));
    assert.equal(error.message, "dependency queue of order did not start: the disk is on fire");
    assert.equal(error.cause, cause);
    return true;
  });
  assert.deepEqual(notes, ["open a", "open b", "close b", "close a"]);
});

test("one that fails to close, or throws at once, does not keep the others open; the stop tells of both", async () => {
  const notes: string[] = [];
  const lines: string[] = [];
  const order = using("order", {
    a: noted("a", notes),
    b: noted("b", notes, { close: () => Promise.reject(new Error("b is stuck")) }),
    c: noted("c", notes, {
      close: () => {
        throw new Error("c is broken");
      },
    }),
  });
  const process = await run(order, alone({}, lines));
  await assert.rejects(process.stop(), (error: unknown) => {
    assert.ok(error instanceof AggregateError);
    assert.deepEqual(
      error.errors.map((each: Error) => each.message),
      ["c did not close: c is broken", "b did not close: b is stuck"],
    );
    return true;
  });
  assert.deepEqual(notes.slice(3), ["close c", "close b", "close a"]);
  assert.equal(process.state, "stopped");
  assert.equal(lines.filter((line) => line.includes("something did not close")).length, 2);
});

test("a failed close after a failed start does not hide why it did not start", async () => {
  const order = service({
    name: "order",
    settings: noSettings,
    needs: { a: noted("a", [], { close: () => Promise.reject(new Error("stuck")) }) },
    build: () => {
      throw new Error("no");
    },
  });
  await assert.rejects(run(order, alone()), /service order did not start: no/);
});

/** A process with a dependency for each call, and what happened to it. */
async function perCall(close: () => Promise<void> | void = () => {}) {
  const notes: string[] = [];
  const lines: string[] = [];
  let made = 0;
  let provide!: (call: never) => string;
  const unit = {
    name: "unit",
    lifetime: "call",
    open: () => {
      const value = `unit ${++made}`;
      notes.push(`open ${value}`);
      return {
        value,
        close: () => {
          notes.push(`close ${value}`);
          return close();
        },
      };
    },
  } as const;
  const order = service({
    name: "order",
    settings: noSettings,
    needs: { unit, pool: noted("pool", notes) },
    build: ({ unit }) => {
      provide = unit as typeof provide;
      return {};
    },
  });
  const process = await run(order, alone({}, lines));
  return { notes, lines, process, runtime: process.runtime("order"), unit: (call: unknown) => provide(call as never) };
}

test("a dependency of a call is made once for it, and closed when it settles", async () => {
  const { notes, process, runtime, unit } = await perCall();
  assert.deepEqual(notes.splice(0), ["open pool"]);
  await runtime.run({ name: "one" }, async (call) => {
    assert.equal(unit(call), unit(call));
    assert.deepEqual(notes, ["open unit 1"]);
  });
  assert.deepEqual(notes.splice(0), ["open unit 1", "close unit 1"]);
  await runtime.run({ name: "two" }, async (call) => assert.equal(unit(call), "unit 2"));
  await process.stop();
  assert.deepEqual(notes, ["open unit 2", "close unit 2", "close pool"]);
});

test("it is closed too when the call fails, is aborted, or never asks", async () => {
  const { notes, process, runtime, unit } = await perCall();
  await assert.rejects(
    runtime.run({ name: "fails" }, async (call) => {
      unit(call);
      throw new Error("no");
    }),
  );
  assert.deepEqual(notes.splice(0), ["open pool", "open unit 1", "close unit 1"]);
  const call = runtime.root({ name: "aborted" });
  unit(call);
  call.abort();
  assert.deepEqual(notes.splice(0), ["open unit 2", "close unit 2"]);
  await runtime.run({ name: "does not ask" }, async () => {});
  assert.deepEqual(notes, []);
  await process.stop();
});

test("a call that is over gets none: nobody would close it", async () => {
  const { notes, process, runtime, unit } = await perCall();
  const aborted = runtime.root({ name: "aborted" });
  aborted.abort();
  assert.throws(() => unit(aborted), RpcError);
  const answered = runtime.root({ name: "answered" });
  answered.settle();
  assert.throws(() => unit(answered), /answered was cancelled: it asked for unit after its end/);
  await process.stop();
  assert.deepEqual(notes, ["open pool", "close pool"]);
});

test("what is shared closes after the slowest dependency of a call; one that does not close is logged", async () => {
  let fail = (_: Error): void => {};
  const { notes, lines, process, runtime, unit } = await perCall(
    () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
  );
  await runtime.run({ name: "one" }, async (call) => unit(call));
  const stopped = process.stop();
  await new Promise(setImmediate);
  assert.deepEqual(notes, ["open pool", "open unit 1", "close unit 1"]);
  fail(new Error("the connection was reset"));
  await stopped;
  assert.equal(notes.at(-1), "close pool");
  assert.ok(lines.some((line) => line.includes("a dependency of a call did not close") && line.includes("reset")));
});

test("a dependency can call services, as itself", async () => {
  const order = service({
    name: "order",
    settings: noSettings,
    needs: {
      probe: {
        name: "probe",
        lifetime: "process",
        open: ({ runtime }) => ({ value: runtime.name }),
      },
    },
    build: ({ probe, runtime }) => {
      assert.deepEqual([probe, runtime.name], ["probe", "order"]);
      return {};
    },
  });
  const process = await run(order, alone());
  const absent = process.runtime("order").run({ name: "test" }, (call) => call.to(EchoService).unary({}));
  await assert.rejects(absent, /no service here implements/);
  await process.stop();
});
