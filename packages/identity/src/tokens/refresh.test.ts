import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decideRefresh, type RefreshState } from "./refresh-decision.js";
import { refreshTokenCodec } from "./refresh-token.js";

const secret = Buffer.alloc(32, 7);
const codec = refreshTokenCodec(secret);

describe("a refresh token", () => {
  it("is read by who wrote it, and its successor is the same whenever it is asked for", () => {
    const token = { session: "01hf", generation: 3 };
    assert.deepEqual(codec.read(codec.write(token)), token);
    assert.equal(codec.write(token), codec.write({ ...token }));
    assert.notEqual(codec.write(token), codec.write({ ...token, generation: 4 }));
  });

  it("refresh token tampering: is not read when anything was changed, or when another issuer wrote it", () => {
    const text = codec.write({ session: "01hf", generation: 3 });
    assert.equal(codec.read(text.replace(".3.", ".4.")), undefined);
    assert.equal(codec.read(text.replace("01hf", "01hg")), undefined);
    assert.equal(codec.read(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`), undefined);
    assert.equal(refreshTokenCodec(randomBytes(32)).read(text), undefined);
    const empty = createHmac("sha256", "").update("sr1.01hf.3").digest("base64url");
    assert.equal(codec.read(`sr1.01hf.3.${empty}`), undefined);
    for (const other of [
      "",
      "sr1",
      `${text} `,
      `${text}.x`,
      text.replace("sr1", "sr2"),
      text.replace(".3.", ".03."),
      text.replace(".3.", ".-1."),
    ])
      assert.equal(codec.read(other), undefined, other);
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (garbage) => codec.read(garbage) === undefined));
  });

  it("is not written for a session id that could not be read, nor with a short secret", () => {
    for (const session of ["", "a.b", "a b", "x".repeat(65)])
      assert.throws(() => codec.write({ session, generation: 0 }), TypeError);
    assert.throws(() => refreshTokenCodec(Buffer.alloc(31)), TypeError);
  });
});

const now = 1_000_000;
const rules = { lifetimeMs: 100_000, graceMs: 5000 };
const state: RefreshState = { generation: 5, rotatedAt: now, device: "phone", expiresAt: now + 1_000_000, endedAt: 0 };
const decide = (generation: number, at = now, change: Partial<RefreshState> = {}, device = "phone") =>
  decideRefresh({ ...state, ...change }, { generation, device }, at, rules);

describe("refreshing", () => {
  it("gives the next token for the newest one", () => {
    assert.deepEqual(decide(5), { kind: "rotate", generation: 6 });
  });

  it("gives the same successor to a device that did not get the answer, for a moment", () => {
    assert.deepEqual(decide(4, now + 5000), { kind: "repeat", generation: 5 });
    assert.deepEqual(decide(4, now + 5001), { kind: "end" });
  });

  it("reuse of refresh tokens: an older token ends the session, at once and for everybody", () => {
    assert.deepEqual(decide(3), { kind: "end" });
    assert.deepEqual(decide(0), { kind: "end" });
    assert.deepEqual(decide(5, now, { endedAt: now - 1 }), { kind: "refuse", why: "ended" });
  });

  it("stolen refresh token: another device ends the session, also within the grace", () => {
    assert.deepEqual(decide(5, now, {}, "laptop"), { kind: "end" });
    assert.deepEqual(decide(4, now, {}, "laptop"), { kind: "end" });
  });

  it("expires: a token that was not used, and a session however it is used", () => {
    assert.deepEqual(decide(5, now + 99_999), { kind: "rotate", generation: 6 });
    assert.deepEqual(decide(5, now + 100_000), { kind: "refuse", why: "expired" });
    assert.deepEqual(decide(5, now, { expiresAt: now }), { kind: "refuse", why: "expired" });
    assert.deepEqual(decide(3, now + 100_000), { kind: "refuse", why: "expired" });
  });

  it("knows nothing of a token that the store has not seen, and ends nothing for it", () => {
    assert.deepEqual(decide(6), { kind: "refuse", why: "unknown" });
  });
});
