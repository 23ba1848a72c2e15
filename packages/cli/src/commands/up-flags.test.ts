import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "../command/command-error.js";
import { readUpFlags } from "./up-flags.js";

test("own flags are short for settings; what is a setting already stays as it is", () => {
  const args = ["--data", "here", "--order.payment-window", "5m", "--port=0", "--fresh", "--standin", "8081"];
  assert.deepEqual(readUpFlags(args), {
    fresh: true,
    split: false,
    instances: new Map(),
    mtls: false,
    argv: ["--process.data=here", "--order.payment-window", "5m", "--gateway.port=0", "--platform.standin-port=8081"],
  });
  assert.deepEqual(readUpFlags(["--split"]), {
    fresh: false,
    split: true,
    instances: new Map(),
    mtls: false,
    argv: [],
  });
  assert.deepEqual([...readUpFlags(["--split", "--instances", "inventory=3"]).instances], [["inventory", 3]]);
  assert.deepEqual(readUpFlags(["--mtls"]), {
    fresh: false,
    split: true,
    instances: new Map(),
    mtls: true,
    argv: [],
  });
  assert.deepEqual(readUpFlags(["--mtls", "--instances=user=2"]).instances.get("user"), 2);
  assert.deepEqual(readUpFlags(["--data=a=b"]).argv, ["--process.data=a=b"]);
  assert.deepEqual(readUpFlags(["--no-process.verify-messages"]).argv, ["--no-process.verify-messages"]);
});

for (const [args, message, fix] of [
  [["--prot", "80"], "there is no flag --prot", "did you mean --port?"],
  [["--stand-in", "80"], "there is no flag --stand-in", "did you mean --standin?"],
  [["--xyzzy"], "there is no flag --xyzzy", "sampan up --help lists the flags, sampan settings those of every setting"],
  [["--data"], "--data needs a value", "sampan up --help says which"],
  [["--data="], "--data needs a value", "sampan up --help says which"],
  [["--data", "--fresh"], "--data needs a value", "sampan up --help says which"],
  [["--port", "http"], "--port http is not a port", "give a number from 0 to 65535; 0 picks a free one"],
  [["--port", "65536"], "--port 65536 is not a port", "give a number from 0 to 65535; 0 picks a free one"],
  [["--standin", "-1"], "--standin -1 is not a port", "give a number from 0 to 65535; 0 picks a free one"],
  [["--fresh=no"], "--fresh takes no value", "give it, or leave it out"],
  [["--mtls=yes"], "--mtls takes no value", "give it, or leave it out"],
  [["--split=4"], "--split takes no value", "give it, or leave it out"],
  [["--instances=inventory=3"], "--instances: in one process each service is there once", "add --split"],
  [["--instances"], "--instances needs a value", "sampan up --help says which"],
  [["--spilt"], "there is no flag --spilt", "did you mean --split?"],
] as const) {
  test(`${args.join(" ")}: ${message}`, () => {
    assert.throws(
      () => readUpFlags(args),
      (error) => {
        assert.ok(error instanceof CommandError);
        assert.deepEqual([error.message, error.fix, error.status], [message, fix, 2]);
        return true;
      },
    );
  });
}
