import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type Layer } from "@sampan/core";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { contractOf } from "../testing/contract.fixture.js";
import { worldOf } from "../testing/world.fixture.js";
import type { Exchange } from "./exchange.js";

const contract = contractOf({
  Create: { http: { pattern: { case: "post", value: "/things" }, body: "*" } },
  Mine: { http: { pattern: { case: "get", value: "/mine" } }, rules: { access: Access.USER } },
});

/** Writes down how each call ended. */
function recording(seen: string[]): Layer {
  return (next, method) => (request: Exchange, call) => {
    call.onSettle((error) =>
      seen.push(`${call.side} ${method.name} ${request.request.method} ${error?.code ?? Code.OK}`),
    );
    return next(request, call);
  };
}

test("layers are around authentication, decoding, the call and encoding", async () => {
  const seen: string[] = [];
  const world = await worldOf([contract], { layers: [recording(seen)] });
  try {
    await world.fetch("/things", { method: "POST", json: {} });
    await world.fetch("/things", { method: "POST", json: { nope: 1 } });
    await world.fetch("/mine");
    await world.fetch("/nothing");
    assert.deepEqual(seen, ["server Create POST 0", "server Create POST 3", "server Mine GET 16"]);
  } finally {
    await world.close();
  }
});

test("a layer can answer for the service", async () => {
  const refuse: Layer = () => () => {
    throw new TypeError("a layer broke");
  };
  const world = await worldOf([contract], { layers: [refuse] });
  try {
    assert.equal((await world.fetch("/things", { method: "POST", json: {} })).status, 500);
    assert.equal(world.calls.length, 0);
  } finally {
    await world.close();
  }
});

test("the client's trace goes on, a bad one starts anew", async () => {
  const world = await worldOf([contract]);
  try {
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const send = (traceparent: string) =>
      world.fetch("/things", { method: "POST", json: {}, headers: { traceparent } });
    assert.equal((await send(`00-${id}-00f067aa0ba902b7-01`)).headers.get("trace-id"), id);
    assert.equal(world.calls[0]?.trace.traceId, id);
    const fresh = (await send("00-nonsense")).headers.get("trace-id");
    assert.match(fresh ?? "", /^[0-9a-f]{32}$/);
    assert.equal(world.calls[1]?.trace.traceId, fresh);
  } finally {
    await world.close();
  }
});

test("an answer that cannot be written is an internal error", async () => {
  const world = await worldOf([contract], {
    serve: (request) => ({
      ...(request as object),
      at: { $typeName: "google.protobuf.Timestamp", seconds: 10n ** 15n, nanos: 0 },
    }),
  });
  try {
    assert.equal((await world.fetch("/things", { method: "POST", json: {} })).status, 500);
    assert.ok(world.logs.some((line) => line.includes("cannot be written as JSON")));
  } finally {
    await world.close();
  }
});
