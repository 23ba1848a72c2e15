import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Call, Code, Runtime } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import type { BillLine, BillRequest } from "../../../bill.js";
import { MiniProgramErrors } from "../../../errors.js";
import type { PayProvider } from "../../../pay.js";
import { rejectsWith } from "../../../standin/world.fixture.js";
import { bill, startBillServer } from "./bill-server.fixture.js";

const clock = createFakeClock();
const request: BillRequest = { kind: "trade", date: "2026-11-20" };

function call(): Call {
  return new Runtime({ name: "test", connect: () => assert.fail("no calls here"), clock }).root({ name: "test" });
}

async function lines(pay: PayProvider, over: Partial<BillRequest> = {}, on: Call = call()): Promise<BillLine[]> {
  const found: BillLine[] = [];
  for await (const line of pay.downloadBill({ ...request, ...over }, on)) found.push(line);
  return found;
}

test("a bill is read from where the signed answer says, and its hash is compared", async (t) => {
  const server = await startBillServer(t, bill(2500), clock);
  const found = await lines(server.pay);
  assert.equal(found.length, 2500);
  assert.equal(found.at(-1)?.outTradeNo, "trade-2499");
  assert.equal(found.at(-1)?.amount, 1000n);
  server.place = { hash_value: "0".repeat(40) };
  await rejectsWith(lines(server.pay), MiniProgramErrors.BILL_INVALID);
  server.place = {};
  // One line differs; its own totals are right.
  server.packed = gzipSync(bill(2500).replace("trade-7,", "trade-8,"));
  await rejectsWith(lines(server.pay), MiniProgramErrors.BILL_INVALID);
});

test("lines come while the bill is downloaded; who stops early stops the download", { timeout: 20_000 }, async (t) => {
  const server = await startBillServer(t, "", clock);
  server.endless = true;
  let count = 0;
  for await (const _ of server.pay.downloadBill(request, call())) if (++count === 1000) break;
  await server.ended;
  // What fits in the buffers on the way, and no more.
  assert.ok(server.made < 200_000_000, String(server.made));
});

test("a call that is aborted ends a download", { timeout: 20_000 }, async (t) => {
  const server = await startBillServer(t, "", clock);
  server.endless = true;
  const aborted = call();
  const reading = async (): Promise<void> => {
    let count = 0;
    for await (const _ of server.pay.downloadBill(request, aborted)) if (++count === 1000) aborted.abort();
  };
  await assert.rejects(reading(), { code: Code.Canceled });
  await server.ended;
});

test("a connection that breaks is no answer; a file that is cut off is no bill", async (t) => {
  const server = await startBillServer(t, bill(2500), clock);
  const whole = server.packed;
  server.breakAfter = 1000;
  await rejectsWith(lines(server.pay), MiniProgramErrors.PLATFORM_NO_ANSWER);
  server.breakAfter = undefined;
  for (const packed of [whole.subarray(0, -100), Buffer.from("<html>"), Buffer.alloc(0)]) {
    server.packed = packed;
    await rejectsWith(lines(server.pay), MiniProgramErrors.BILL_INVALID);
  }
});

test("a bill, and a line of it, have as many bytes as the configuration allows", async (t) => {
  const text = bill(100);
  const size = Buffer.byteLength(text);
  const longest = Math.max(...text.split("\n").map((line) => Buffer.byteLength(line)));
  const fits = await startBillServer(t, text, clock, { maxBillBytes: size, maxBillLineBytes: longest });
  assert.equal((await lines(fits.pay)).length, 100);
  for (const limits of [{ maxBillBytes: size - 1 }, { maxBillLineBytes: longest - 1 }]) {
    const server = await startBillServer(t, text, clock, limits);
    await rejectsWith(lines(server.pay), MiniProgramErrors.BILL_INVALID);
  }
});

test("only the platform's own hosts are asked for the file", async (t) => {
  const server = await startBillServer(t, bill(1), clock);
  const wrong = [
    { download_url: "https://evil.example/v3/billdownload/file?token=t" },
    { download_url: "file:///etc/passwd" },
    { download_url: "" },
    { hash_type: "MD5" },
    { hash_value: "abc" },
    { hash_value: undefined },
  ];
  for (const place of wrong) {
    server.place = place;
    await rejectsWith(lines(server.pay), MiniProgramErrors.PLATFORM_ANSWER_INVALID);
  }
});

test("a request that cannot be right is not sent", async (t) => {
  const server = await startBillServer(t, bill(1), clock);
  for (const date of ["", "20261120", "2026-02-30", "2026-11-20&mchid=1", "2026-13-01"]) {
    await rejectsWith(lines(server.pay, { date }), MiniProgramErrors.BILL_REQUEST_INVALID);
  }
  const kind = "constructor" as BillRequest["kind"];
  await rejectsWith(lines(server.pay, { kind }), MiniProgramErrors.BILL_REQUEST_INVALID);
});
