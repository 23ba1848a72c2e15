import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VerifiedTokens } from "./verified-tokens.js";

const claims = { subject: "u", roles: [], tenant: "t" };
const until = (expiresAt: number) => ({ claims, kid: "k", issuedAt: 0, expiresAt });

describe("remembered tokens", () => {
  it("make room by what was used the longest ago", () => {
    const tokens = new VerifiedTokens(2);
    tokens.add("a", until(100));
    tokens.add("b", until(100));
    tokens.get("a", 0);
    tokens.add("c", until(100));
    assert.deepEqual(
      ["a", "b", "c"].map((token) => tokens.get(token, 0) !== undefined),
      [true, false, true],
    );
    assert.equal(tokens.size, 2);
    tokens.add("c", until(200));
    assert.equal(tokens.size, 2);
  });

  it("are forgotten at their expiry", () => {
    const tokens = new VerifiedTokens(2);
    tokens.add("a", until(100));
    assert.equal(tokens.get("a", 99)?.claims, claims);
    assert.equal(tokens.get("a", 100), undefined);
    assert.equal(tokens.size, 0);
  });

  it("are none when there is no room", () => {
    const tokens = new VerifiedTokens(0);
    tokens.add("a", until(100));
    assert.equal(tokens.get("a", 0), undefined);
  });
});
