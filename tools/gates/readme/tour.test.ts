// needs: curl
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { type TestContext, test } from "node:test";
import type { Command } from "./commands.js";
import { runTour, tourStops } from "./tour.js";

const commands = (...texts: string[]): Command[] =>
  texts.map((text, index) => ({ text, file: "README.md", line: index + 1, block: 0, output: "" }));

/** Answers what it was asked for, and 500 under /broken: a platform small enough for a test. */
async function smallPlatform(t: TestContext): Promise<number> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/broken" ? 500 : 200;
    response.end(request.headers.authorization ?? request.url);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("a variable that one command sets is there in the next, and the shown port is replaced", async (t) => {
  const port = await smallPlatform(t);
  const stops = tourStops(
    commands(
      "npm run up",
      "TOKEN=$(curl -s http://127.0.0.1:8080/token)",
      'curl -s -H "authorization: $TOKEN" http://localhost:8080/x | grep -q token',
    ),
    port,
    "orders.csv",
  );
  assert.equal(stops.length, 2);
  assert.deepEqual(await runTour(stops, tmpdir(), 10_000), []);
});

test("the tour's own data folder and the stand-in beside its port stand in for the shown ones", () => {
  const [stop] = tourStops(commands('curl -d "$(cat .sampan/key)" http://127.0.0.1:8081/x'), 9000, "", "/tmp/tour");
  assert.equal(stop?.typed, 'curl -d "$(cat /tmp/tour/key)" http://127.0.0.1:9001/x');
});

test("the replayed file is replaced by a small one", () => {
  const [stop] = tourStops(commands("npm run replay -- --file ../data/big.csv --concurrency 8"), 1, "small.csv");
  assert.equal(stop?.typed, "npm run replay -- --file small.csv --concurrency 8");
});

test("an answer that is an error fails the tour, with the command, its place and what it printed", async (t) => {
  const port = await smallPlatform(t);
  const stops = tourStops(commands("echo first", "curl -s http://127.0.0.1:8080/broken", "echo never"), port, "");
  const [finding, ...others] = await runTour(stops, tmpdir(), 10_000);
  assert.deepEqual([finding?.file, finding?.line, others.length], ["README.md", 2, 0]);
  assert.match(finding?.problem ?? "", /failed with status 22:[\s\S]*\/broken/);
});

test("output that is not what is shown fails the tour", async (t) => {
  const port = await smallPlatform(t);
  const [command] = commands("curl http://127.0.0.1:8080/v1/products") as [Command];
  const stops = (output: string) => tourStops([{ ...command, output }], port, "");
  assert.deepEqual(await runTour(stops("/v1/products\n"), tmpdir(), 10_000), []);
  const [finding] = await runTour(stops("/v1/orders\n"), tmpdir(), 10_000);
  assert.match(finding?.problem ?? "", /does not print what is shown.*\n.*\/v1\/products/s);
});

test("a command that does not end is named when the time is over", async () => {
  const [finding] = await runTour(
    [{ command: commands("wait for ever")[0] as Command, typed: "sleep 60", shown: "" }],
    tmpdir(),
    300,
  );
  assert.match(finding?.problem ?? "", /^wait for ever was still running after 0\.3 s/);
});
