import assert from "node:assert/strict";
import { test } from "node:test";
import { AppErrors } from "@sampan/app";
import { GatewayErrors } from "@sampan/gateway";
import { takenAddress } from "./taken-address.js";

const failed = (part: string, code: string, port = 8080): Error => {
  const system = Object.assign(new Error(`listen ${code}`), { code, syscall: "listen", port, address: "10.0.0.1" });
  const cause = part.startsWith("edge") ? GatewayErrors.ADDRESS_IN_USE({}, { cause: system }) : system;
  return AppErrors.START_FAILED({ part, why: "x" }, { cause });
};

for (const [part, code, message, fix] of [
  [
    "edge gateway of gateway",
    "EADDRINUSE",
    "port 8080 (the gateway) is taken: another process listens there",
    "stop that process, or choose another one with --port <number>",
  ],
  [
    "dependency platform",
    "EADDRINUSE",
    "port 8080 (the stand-in) is taken: another process listens there",
    "stop that process, or choose another one with --standin <number>",
  ],
  [
    "admin port",
    "EACCES",
    "port 8080 (the admin page) needs more rights than this user has",
    "choose another one with --process.admin-port <number>",
  ],
  [
    "edge gateway of gateway",
    "EADDRNOTAVAIL",
    "10.0.0.1 (the gateway) is not an address of this machine",
    "choose one that it has",
  ],
  ["edge other of x", "EADDRINUSE", "port 8080 (edge other of x) is taken: another process listens there", ""],
] as const) {
  test(`${part}, ${code}: ${message}`, () => {
    const error = takenAddress(failed(part, code));
    assert.deepEqual([error?.message, error?.fix, error?.status], [message, fix, 1]);
  });
}

test("every other failure is somebody else's to explain", () => {
  assert.equal(takenAddress(new Error("x")), undefined);
  assert.equal(takenAddress(failed("admin port", "EMFILE")), undefined);
  assert.equal(takenAddress(AppErrors.START_FAILED({ part: "x", why: "y" }, { cause: "text" })), undefined);
});
