/**
 * A process under a limit, with calls arriving at random. Arguments: the limit section, calls a second, when to begin
 * counting and when to end (ms since the epoch, so that several processes count the same time), and the unix socket of a
 * key-value store or nothing. Prints one line: `{offered, passed, storeAway}`.
 */
import { remoteKeyValue } from "@sampan/app";
import { Runtime, systemClock } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { seededRandom } from "@sampan/testkit";
import { exponential } from "../../harness/samples.js";
import { MeasuredLimit } from "../measured-limit.js";

const [limit = "", rate = "", from = "", until = "", socket = ""] = process.argv.slice(2);
const transport = grpcTransport();
const channel = socket === "" ? undefined : transport.connect(`unix:${socket}`);
const store =
  channel === undefined ? undefined : remoteKeyValue(new Runtime({ name: "limited", connect: () => channel }));
const measured = new MeasuredLimit({
  limit,
  clock: systemClock,
  ...(store === undefined ? {} : { keyValue: store }),
});
const [began, ends] = [Number(from) - performance.timeOrigin, Number(until) - performance.timeOrigin];
const counting = (): boolean => performance.now() >= began && performance.now() < ends;
let passed = 0;
let offered = 0;
measured.onBegin(() => {
  if (counting()) passed++;
});
const draw = seededRandom(process.pid);
for (let due = performance.now(); due < ends; ) {
  for (const now = performance.now(); due <= now; due += exponential(1000 / Number(rate), draw)) {
    if (counting()) offered++;
    measured.arrive();
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
console.log(JSON.stringify({ offered, passed, storeAway: measured.storeAway }));
process.exit(0);
