import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateErrors } from "../certificate-errors.js";
import { workloadTarget } from "./workload-endpoint.js";

test("endpoints as the standard writes them", () => {
  assert.equal(workloadTarget("unix:///run/spire/api.sock"), "unix:/run/spire/api.sock");
  assert.equal(workloadTarget("unix:/run/spire/api.sock"), "unix:/run/spire/api.sock");
  assert.equal(workloadTarget("tcp://127.0.0.1:8000"), "ipv4:127.0.0.1:8000");
  assert.equal(workloadTarget("tcp://[::1]:8000"), "ipv6:[::1]:8000");
});

for (const wrong of [
  "",
  "/run/api.sock",
  "unix://host/run/api.sock",
  "unix:///run/api.sock?x",
  "tcp://localhost:80",
  "tcp://127.0.0.1",
  "tcp://127.0.0.1:0",
  "tcp://127.0.0.1:65536",
  "tcp://127.0.0.1:80/x",
  "http://127.0.0.1:80",
]) {
  test(`refused: ${JSON.stringify(wrong)}`, () => {
    assert.throws(
      () => workloadTarget(wrong),
      (error) => CertificateErrors.WORKLOAD_REQUEST.is(error),
    );
  });
}
