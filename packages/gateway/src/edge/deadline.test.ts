import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "@sampan/core";
import { contractOf } from "../testing/contract.fixture.js";
import { eventually } from "../testing/eventually.fixture.js";
import { rawClient } from "../testing/raw-client.fixture.js";
import { type WorldOptions, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({
  Plain: { http: { pattern: { case: "get", value: "/plain" } } },
  Quick: { http: { pattern: { case: "get", value: "/quick" } }, rules: { timeoutMs: 5000 } },
});

/** How long the service's call had, in ms; or the HTTP status of a refusal. */
async function given(path: string, timeout: string | undefined, options: WorldOptions = {}): Promise<number> {
  const world = await worldOf([contract], options);
  try {
    const response = await world.fetch(path, { headers: timeout === undefined ? {} : { "grpc-timeout": timeout } });
    if (response.status !== 200) return response.status;
    const call = world.calls[0] as Call;
    return call.deadline - call.startedAt;
  } finally {
    await world.close();
  }
}

const about = (actual: number, expected: number): void => {
  assert.ok(actual <= expected && actual > expected - 1000, `${actual} is not about ${expected}`);
};

test("a call has the contract's deadline, else the process's", async () => {
  about(await given("/plain", undefined), 30_000);
  about(await given("/quick", undefined), 5_000);
});

test("Grpc-Timeout shortens and lengthens it, up to the limit", async () => {
  for (const [header, expected] of [
    ["2S", 2_000],
    ["2000m", 2_000],
    ["2000000u", 2_000],
    ["20S", 20_000],
    ["1M", 60_000],
    ["1H", 60_000],
  ] as const) {
    about(await given("/quick", header), expected);
  }
  about(await given("/plain", "1M", { limits: { maxTimeoutMs: 7_000 } }), 7_000);
});

for (const header of ["5", "S", "-1S", "0S", "1.5S", "123456789S", "1s", "1S, 2S"]) {
  test(`refuses Grpc-Timeout: ${header}`, async () => assert.equal(await given("/plain", header), 400));
}

test("a service that does not answer in time is 504, and its call is aborted", async () => {
  const world = await worldOf([contract], { serve: () => new Promise(() => {}) });
  try {
    const response = await world.fetch("/plain", { headers: { "grpc-timeout": "30m" } });
    assert.equal(response.status, 504);
    assert.match(await response.text(), /DEADLINE_EXCEEDED/);
    assert.equal(world.calls[0]?.aborted, true);
  } finally {
    await world.close();
  }
});

test("a client that goes away aborts the call", { timeout: 5_000 }, async () => {
  let entered = (_: Call): void => {};
  const arrived = new Promise<Call>((resolve) => (entered = resolve));
  const world = await worldOf([contract], {
    serve: (_, call) => {
      entered(call);
      return new Promise(() => {});
    },
  });
  try {
    const client = rawClient(world.port);
    client.write("GET /plain HTTP/1.1\r\nhost: x\r\n\r\n");
    const call = await arrived;
    const aborted = new Promise<string>((resolve) => call.onAbort((error) => resolve(error.reason || error.message)));
    client.socket.destroy();
    assert.match(await aborted, /the client went away/);
    await eventually("letting it go", () => world.gateway.inFlight === 0);
  } finally {
    await world.close();
  }
});
