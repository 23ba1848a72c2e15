import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { serveEcho, Terminal } from "./call.fixture.js";

const service = "sampan.test.v1.EchoService";

async function stage(t: TestContext) {
  const { address } = await serveEcho(t);
  const terminal = new Terminal();
  const run = (...argv: string[]) => terminal.run("--target", address, ...argv);
  return { terminal, run };
}

function temporaryFile(t: TestContext, text: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-call-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "data.json"), text);
  return join(folder, "data.json");
}

test("a call takes JSON and gives JSON, pretty or on a line", async (t) => {
  const { run } = await stage(t);
  const { status, out, err } = await run(`${service}/Unary`, '{"text": "tea", "number": "7", "body": "AQI="}');
  assert.deepEqual([status, err], [0, ""]);
  assert.equal(out, '{\n  "text": "tea",\n  "number": "7",\n  "body": "AQI="\n}\n');
  const compact = await new Terminal().run(
    ...[
      "--target",
      (await serveEcho(t)).address,
      "EchoService.Unary",
      "--compact",
      "--defaults",
      "-d",
      '{"text": "x"}',
    ],
  );
  assert.equal(compact.out, '{"text":"x","number":"0","body":""}\n');
});

test("without data a call sends an empty message", async (t) => {
  const { run } = await stage(t);
  assert.deepEqual(await run("EchoService/Unary"), { status: 0, out: "{}\n", err: "" });
});

test("a server stream prints each message as it comes", async (t) => {
  const { run } = await stage(t);
  const { status, out } = await run("--compact", "EchoService/Produce", '{"text": "n", "number": 3}');
  assert.equal(status, 0);
  assert.equal(out, '{"text":"n"}\n{"text":"n","number":"1"}\n{"text":"n","number":"2"}\n');
});

test("a client stream takes many values from a file", async (t) => {
  const { run } = await stage(t);
  const file = temporaryFile(t, '{"text": "a"}{"text": "b"}\n\n  {"text":\n"c"} ');
  assert.deepEqual(await run("--compact", "EchoService/Collect", "--data", `@${file}`), {
    status: 0,
    out: '{"number":"3"}\n',
    err: "",
  });
});

test("a bidirectional stream sends each value of standard input when it is complete", async (t) => {
  const { terminal, run } = await stage(t);
  const done = run("--compact", "EchoService/Chat");
  terminal.input.write('{"text": "one');
  terminal.input.write('"}\n');
  await terminal.printed('{"text":"one!"}');
  terminal.input.write('{"text": "two"}');
  await terminal.printed('{"text":"two!"}');
  terminal.input.end();
  assert.equal((await done).status, 0);
});

test("headers are sent and shown, bytes as base64; user, roles and tenant reach a server on this machine", async (t) => {
  const { run } = await stage(t);
  const { status, err } = await run(
    ...["-v", "-H", "x-a: 1", "--header", "x-b-bin: AQI=", "--user", "u1", "--role", "operator", "--tenant", "t2"],
    "EchoService/Unary",
  );
  assert.equal(status, 0);
  assert.equal(
    err,
    "response headers:\n  x-a: 1\n  x-b-bin: AQI=\n  x-user: u1 operator\nresponse trailers:\n  x-tenant: t2\n",
  );
});

test("a header that belongs to the transport is refused with its name", async (t) => {
  const { run } = await stage(t);
  const { status, err } = await run("-H", "grpc-timeout: 1S", "EchoService/Unary");
  assert.equal(status, 2);
  assert.match(err, /metadata grpc-timeout is reserved/);
});

test("an error is its code, its message without control characters and its details, and the status is 64 + code", async (t) => {
  const { run } = await stage(t);
  const { status, out, err } = await run("EchoService/Unary", '{"text": "refuse"}');
  assert.deepEqual([status, out], [67, ""]);
  const [head, ...details] = err.split("\n");
  assert.equal(head, `sampan: ${service}/Unary: INVALID_ARGUMENT (3): no \\u001b[31mrefuse`);
  assert.deepEqual(JSON.parse(details.join("\n")), {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field: "text", description: "not this one" }],
  });
});

test("a deadline ends the call", async (t) => {
  const { run } = await stage(t);
  const { status, err } = await run("--timeout", "50ms", "EchoService/Produce", '{"text": "hang", "number": 1}');
  assert.equal(status, 68);
  assert.match(err, /DEADLINE_EXCEEDED \(4\)/);
});

test("Ctrl-C cancels the call, and the status is 130", async (t) => {
  const { terminal, run } = await stage(t);
  const done = run("--compact", "EchoService/Produce", '{"text": "hang", "number": 1}');
  await terminal.printed('{"text":"hang"}');
  terminal.interrupt();
  assert.deepEqual(await done, { status: 130, out: '{"text":"hang"}\n', err: "" });
});

test("a value of a stream that is wrong ends the call, with its place", async (t) => {
  const { run } = await stage(t);
  const file = temporaryFile(t, '{"text": "a"}\n{"text": 1}');
  const { status, err } = await run("EchoService/Collect", "-d", `@${file}`);
  assert.equal(status, 2);
  assert.match(err, /data\.json, line 2, column 10: field text: expected string/);
});

test("data that cannot be had, is not UTF-8, or is more than the method takes, is refused", async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["@/nowhere/at-all.json", /there is no such file/],
    [`@${temporaryFile(t, Buffer.from([0x22, 0xff, 0x22]))}`, /is not UTF-8/],
    ["{}{}", /takes one message, and the data holds more/],
    ['{"text": "a"', /this is not JSON/],
  ];
  for (const [data, why] of cases) {
    const { run } = await stage(t);
    const { status, err } = await run("EchoService/Unary", "--data", data);
    assert.equal(status, 2, err);
    assert.match(err, why);
  }
});

test("services and methods are listed with what they take; names are described", async (t) => {
  const listed = await (await stage(t)).run();
  assert.match(listed.out, /^grpc\.health\.v1\.Health$/m);
  assert.match(
    listed.out,
    /^sampan\.test\.v1\.EchoService\n {2}Unary\(sampan\.test\.v1\.EchoRequest\) returns \(sampan\.test\.v1\.EchoResponse\)\n {2}Collect\(stream /m,
  );
  assert.doesNotMatch(listed.out, /reflection/);
  const one = await (await stage(t)).run("--list", "EchoService");
  assert.doesNotMatch(one.out, /Health/);
  const method = await (await stage(t)).run("--describe", "EchoService/Chat");
  assert.match(method.out, /Chat\(stream .*\) returns \(stream /);
  assert.match(
    method.out,
    /message sampan\.test\.v1\.EchoRequest\n {2}text {4}string\n {2}number {2}int64\n {2}body {4}bytes/,
  );
  assert.match(method.out, /JSON to start from:\n\{\n {2}"text": "",\n {2}"number": "0",/);
  const message = await (await stage(t)).run("--describe", "grpc.health.v1.HealthCheckResponse");
  assert.match(message.out, /status {2}grpc\.health\.v1\.HealthCheckResponse\.ServingStatus/);
});

test("a name that is wrong says which one was meant", async (t) => {
  for (const [name, meant] of [
    ["EchoService/Unray", /did you mean sampan\.test\.v1\.EchoService\/Unary\?/],
    ["EkoService/Unary", /did you mean sampan\.test\.v1\.EchoService\?/],
    ["EchoService", /name a method: sampan call --list sampan\.test\.v1\.EchoService/],
  ] as const) {
    const { run } = await stage(t);
    const { status, err } = await run(name);
    assert.equal(status, 2);
    assert.match(err, meant);
  }
});

test("responses have a size limit, and requests can be compressed", async (t) => {
  const { run } = await stage(t);
  const text = "x".repeat(70_000);
  const data = JSON.stringify({ text });
  const limited = await run("--max-message", "64kB", "--list");
  assert.equal(limited.status, 0);
  const refused = await (await stage(t)).run("--max-message", "64kB", "EchoService/Unary", data);
  assert.equal(refused.status, 72);
  assert.match(refused.err, /RESOURCE_EXHAUSTED/);
  const packed = await (await stage(t)).run("--gzip", "--compact", "EchoService/Unary", data);
  assert.equal(packed.out, `{"text":"${text}"}\n`);
});

test("nobody at the target is UNAVAILABLE; a target that is none is refused", async (t) => {
  const gone = await serveEcho(t);
  await gone.close();
  const { status, err } = await new Terminal().run("--target", gone.address, "EchoService/Unary");
  assert.equal(status, 78);
  assert.match(err, /UNAVAILABLE \(14\)/);
  const wrong = await new Terminal().run("--target", "a:b:c", "EchoService/Unary");
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /a:b:c is no target/);
});
