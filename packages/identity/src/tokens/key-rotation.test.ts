import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nextKey, published, type RingEntry, type RotationRules, signing } from "./key-rotation.js";

const rules: RotationRules = { rotateEveryMs: 1000, publishAheadMs: 100, keepMs: 300 };
const ring = (...signsFrom: number[]): RingEntry[] => signsFrom.map((at) => ({ kid: `k${at}`, signsFrom: at }));
const kids = (entries: readonly RingEntry[]) => entries.map(({ kid }) => kid);

describe("key rotation", () => {
  it("makes the first key at once, and the next so early that verifiers have it when it signs", () => {
    assert.equal(nextKey([], 5000, rules), 5000);
    assert.equal(nextKey(ring(5000), 5899, rules), undefined);
    assert.equal(nextKey(ring(5000), 5900, rules), 6000);
    assert.equal(nextKey(ring(5000, 6000), 5950, rules), undefined);
  });

  it("publishes a late key for its time before it signs", () => {
    assert.equal(nextKey(ring(5000), 9000, rules), 9100);
    assert.equal(signing(ring(5000, 9100), 9099)?.kid, "k5000");
    assert.equal(signing(ring(5000, 9100), 9100)?.kid, "k9100");
  });

  it("keeps an old key until its last token has expired, and no longer", () => {
    assert.deepEqual(kids(published(ring(5000, 6000), 6299, rules)), ["k5000", "k6000"]);
    assert.deepEqual(kids(published(ring(5000, 6000), 6300, rules)), ["k6000"]);
    assert.deepEqual(kids(published(ring(5000), 99_999, rules)), ["k5000"]);
  });

  it("never rotates when told so", () => {
    assert.equal(nextKey(ring(0), 1e12, { ...rules, rotateEveryMs: 0 }), undefined);
  });

  it("leaves no gap: whatever the times, a token's key is published from before it signs until the token expires", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }), (steps) => {
        let entries: RingEntry[] = [];
        const firstSeen = new Map<string, number>();
        const tokens: { kid: string; until: number }[] = [];
        let now = 1000;
        for (const step of steps) {
          const from = nextKey(entries, now, rules);
          if (from !== undefined) entries.push({ kid: `k${now}`, signsFrom: from });
          entries = [...published(entries, now, rules)];
          for (const { kid } of entries) if (!firstSeen.has(kid)) firstSeen.set(kid, now);
          const signer = signing(entries, now) as RingEntry;
          if (firstSeen.size > 1)
            assert.ok(now - (firstSeen.get(signer.kid) as number) >= 100 || firstSeen.get(signer.kid) === 1000);
          tokens.push({ kid: signer.kid, until: now + 300 });
          for (const token of tokens) if (token.until > now) assert.ok(kids(entries).includes(token.kid));
          now += step;
        }
      }),
    );
  });
});
