import assert from "node:assert/strict";
import { test } from "node:test";
import { WarmUpBucket, warmUpCurve, warmUpRate } from "./warm-up-bucket.js";

const policy = { ratePerSecond: 100, warmUpMs: 10_000, coldFactor: 3 };

test("the curve has Sentinel's numbers", () => {
  const curve = warmUpCurve(policy);
  assert.deepEqual(curve, { warningTokens: 500, maxTokens: 1000, slope: 2 / 100 / 500 });
  assert.equal(warmUpRate(500, curve, 100), 100);
  assert.equal(warmUpRate(100, curve, 100), 100);
  assert.ok(Math.abs(warmUpRate(1000, curve, 100) - 100 / 3) < 1e-9, "cold is a third");
  assert.ok(Math.abs(warmUpRate(750, curve, 100) - 50) < 1e-9);
});

/** Calls that pass in each second under four times the load. */
function passes(bucket: WarmUpBucket, seconds: number, from = 0): number[] {
  return Array.from({ length: seconds }, (_, second) => {
    let passed = 0;
    for (let ms = 0; ms < 1000; ms += 2.5) if (bucket.take(from + second * 1000 + ms) === 0) passed++;
    return passed;
  });
}

test("under load the rate rises from a third to the whole, in about the time that was asked for", () => {
  const bucket = new WarmUpBucket(policy, 1, 0);
  const seconds = passes(bucket, 20);
  assert.ok((seconds[0] as number) >= 32 && (seconds[0] as number) <= 35, `${seconds[0]}`);
  for (let i = 1; i < seconds.length; i++) assert.ok((seconds[i] as number) >= (seconds[i - 1] as number) - 1);
  const warm = seconds.findIndex((passed) => passed >= 99);
  assert.ok(warm >= 7 && warm <= 13, `${seconds}`);
  assert.equal(bucket.rate, 100);
});

test("without load it grows cold again", () => {
  const bucket = new WarmUpBucket(policy, 1, 0);
  passes(bucket, 20);
  assert.equal(bucket.rate, 100);
  // It takes maxTokens / rate = 10 s of nothing.
  bucket.take(25_000);
  assert.ok(bucket.rate > 34);
  bucket.take(45_000);
  assert.ok(Math.abs(bucket.rate - 100 / 3) < 1, `${bucket.rate}`);
});

test("a reload keeps how warm it is", () => {
  const bucket = new WarmUpBucket(policy, 1, 0);
  passes(bucket, 20);
  bucket.reload({ ...policy, ratePerSecond: 200 }, 1, 0, 20_000);
  assert.equal(bucket.rate, 200);
});
