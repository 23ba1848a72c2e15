import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcError, silentLogger } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { IssuerFollower } from "./issuer-follower.js";
import type { Revocation } from "./revocations.js";
import { Revocations } from "./revocations.js";
import { tokenIssuer } from "./token-issuer.js";
import { TokenKeySet } from "./token-key-set.js";
import { createTokenKeys, type TokenKeys } from "./token-keys.js";
import { tokenVerifier } from "./token-verifier.js";

const names = { issuer: "i", audience: "a" };
const who = { subject: "u", roles: [], tenant: "t", session: "s1" };

async function world(options: { maxSilenceMs?: number; pageSize?: number; maxEntries?: number } = {}) {
  const clock = createFakeClock();
  const log: Revocation[] = [];
  let keys: TokenKeys = await createTokenKeys();
  const published = [...keys.publicKeys.keys];
  const asked = { keys: 0, revocations: 0, down: false };
  const source = {
    async keys() {
      asked.keys++;
      if (asked.down) throw new Error("down");
      return { keys: [...published] };
    },
    async revocations(after: number) {
      asked.revocations++;
      if (asked.down) throw new Error("down");
      const found = log.slice(after, after + (options.pageSize ?? 1000));
      return { revocations: found, last: after + found.length };
    },
  };
  const keySet = new TokenKeySet();
  const revocations = new Revocations(options.maxEntries);
  const { maxSilenceMs = 0 } = options;
  const follower = new IssuerFollower({ source, keySet, revocations, clock, logger: silentLogger, maxSilenceMs });
  const verifier = tokenVerifier({ keys: keySet, ...names, revocations, clock });
  const issuer = tokenIssuer({ keys: () => keys, ...names, clock });
  return {
    ...{ clock, log, asked, follower, verifier, revocations },
    issue: async (claims = who) => (await issuer.issue(claims)).token,
    async newKey() {
      keys = await createTokenKeys("RS256");
      published.push(...keys.publicKeys.keys);
    },
  };
}

const reason = async (work: Promise<unknown>) => {
  try {
    await work;
    return "taken";
  } catch (error) {
    return (error as RpcError).reason;
  }
};

describe("a verifier that follows its issuer", () => {
  it("refuses a revoked session within a second, also when the token was checked before", async () => {
    const { clock, log, follower, verifier, issue } = await world();
    await follower.start();
    const token = await issue();
    const other = await issue({ ...who, session: "s2" });
    assert.equal(await reason(verifier.verify(token)), "taken");
    log.push({ kind: "session", id: "s1", notBefore: 0, until: clock.now() + 7_200_000 });
    await clock.advance(1000);
    assert.equal(await reason(verifier.verify(token)), "TOKEN_REVOKED");
    assert.equal(await reason(verifier.verify(other)), "taken");
    follower.stop();
    assert.equal(clock.pending, 0);
  });

  it("logout everywhere: refuses every token of the subject from before, and none from after", async () => {
    const { clock, log, follower, verifier, issue } = await world();
    await follower.start();
    const before = [await issue(), await issue({ ...who, session: "s2" })];
    log.push({ kind: "subject", id: "u", notBefore: clock.now(), until: clock.now() + 7_200_000 });
    await clock.advance(1);
    const after = await issue({ ...who, session: "s3" });
    await clock.advance(1000);
    for (const token of before) assert.equal(await reason(verifier.verify(token)), "TOKEN_REVOKED");
    assert.equal(await reason(verifier.verify(after)), "taken");
    follower.stop();
  });

  it("reads everything there is at the start, however many pages that is", async () => {
    const { clock, log, follower, revocations } = await world({ pageSize: 3 });
    for (let i = 0; i < 10; i++) log.push({ kind: "session", id: `s${i}`, notBefore: 0, until: clock.now() + 1000 });
    await follower.start();
    assert.equal(revocations.size, 10);
    await clock.advance(1000);
    assert.equal(revocations.size, 0);
    follower.stop();
  });

  it("asks for the key set again when a token names a new key, but not for every forged one", async () => {
    const { clock, asked, follower, verifier, issue, newKey } = await world();
    await follower.start();
    await newKey();
    await clock.advance(5000);
    const token = await issue();
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => reason(verifier.verify(token)))), [
      "taken",
      "taken",
      "taken",
    ]);
    assert.equal(asked.keys, 2);
    const forger = await createTokenKeys();
    const forged = (await tokenIssuer({ keys: forger, ...names, clock }).issue(who)).token;
    for (let i = 0; i < 20; i++) assert.equal(await reason(verifier.verify(forged)), "TOKEN_INVALID");
    assert.equal(asked.keys, 2);
    follower.stop();
  });

  it("has no keys until the issuer answers, says so, and gets them as soon as it does", async () => {
    const { clock, asked, follower, verifier, issue } = await world();
    asked.down = true;
    await follower.start();
    const token = await issue();
    assert.equal(await reason(verifier.verify(token)), "KEYS_UNAVAILABLE");
    asked.down = false;
    await clock.advance(1000);
    assert.equal(await reason(verifier.verify(token)), "taken");
    follower.stop();
  });

  it("goes on with what it knows while the issuer is silent, for as long as it is allowed to", async () => {
    const { clock, asked, follower, verifier, issue } = await world({ maxSilenceMs: 30_000 });
    await follower.start();
    const token = await issue();
    asked.down = true;
    await clock.advance(30_000);
    follower.requireFresh();
    assert.equal(await reason(verifier.verify(token)), "taken");
    await clock.advance(1000);
    assert.throws(() => follower.requireFresh(), RpcError);
    asked.down = false;
    await clock.advance(1000);
    follower.requireFresh();
    follower.stop();
  });
});
