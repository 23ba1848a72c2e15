import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { CoreErrors, RpcError, Runtime } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";
import {
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "@sampan/protos/grpc/health/v1/health_pb.js";
import { healthProbe } from "./health-probe.js";

const instance: Instance = {
  id: "a",
  address: "ipv4:127.0.0.1:1",
  zone: "",
  weight: 100,
  version: "",
  labels: {},
  health: "up",
};

/** What a probe says of an instance that answers so. */
function probed(answer: () => unknown): Promise<void> {
  const connect = () => ({ invoke: async () => answer(), close: () => Promise.resolve() });
  const probe = healthProbe(() => new Runtime({ name: "test", connect }));
  return probe(instance, new AbortController().signal, "order.v1.OrderService");
}

test("an instance is up when it says so, or when it answers and has no health service", async () => {
  await probed(() => create(HealthCheckResponseSchema, { status: Status.SERVING }));
  await probed(() => {
    throw CoreErrors.UNIMPLEMENTED({ method: "/grpc.health.v1.Health/Check" });
  });
  await assert.rejects(
    probed(() => create(HealthCheckResponseSchema, { status: Status.NOT_SERVING })),
    RpcError,
  );
  await assert.rejects(
    probed(() => {
      throw CoreErrors.UNAVAILABLE({ service: "a", why: "gone" });
    }),
    CoreErrors.UNAVAILABLE.is,
  );
});
