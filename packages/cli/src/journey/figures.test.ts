import assert from "node:assert/strict";
import { test } from "node:test";
import { createMeter, exposition } from "@sampan/telemetry";
import { figuresOf } from "./figures.js";

test("calls of all processes are added up, and those that failed for lack of a connection are named", () => {
  const texts = [0, 1].map((process) => {
    const meter = createMeter();
    const ended = (service: string, method: string, code: string): void =>
      meter.histogram({ name: "rpc_client_duration_seconds", help: "x" }, { service, method, code }).record(0.1);
    ended("inventory.v1.InventoryService", "Reserve", "OK");
    ended("inventory.v1.InventoryService", "Reserve", "NotFound");
    ended("sampan.broker.v1.BrokerService", "Publish", "Unavailable");
    // A stream, and a contract that is not the platform's.
    ended("sampan.broker.v1.BrokerService", "Subscribe", "Unavailable");
    ended("SpiffeWorkloadAPI", "FetchX509SVID", "Unavailable");
    meter.counter({ name: "sampan_access_denied_total", help: "x" }, { method: "a.B/C" }).add(process);
    for (const [name, side] of [
      ["accepted", "client"],
      ["accepted", "client"],
      ["accepted", "server"],
      ["refused", "client"],
    ] as const)
      meter.counter({ name: `sampan_certificate_${name}_total`, help: "x" }, { side }).add();
    return exposition(meter.snapshot());
  });
  assert.deepEqual(figuresOf(texts), {
    made: 6,
    failed: new Map([["sampan.broker.v1.BrokerService/Publish Unavailable", 2]]),
    denied: 1,
    certificates: { byServers: 4, byClients: 2, refused: 2 },
  });
});
