import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Revocations } from "./revocations.js";

const claims = (subject: string, session?: string) => ({
  subject,
  roles: [],
  tenant: "t",
  ...(session === undefined ? {} : { session }),
});
const now = 1_000_000;

describe("revocations", () => {
  it("end a session, and no other one of the subject", () => {
    const revocations = new Revocations();
    revocations.add({ kind: "session", id: "s1", notBefore: 0, until: now + 100 }, now);
    assert.equal(revocations.refuses(claims("u", "s1"), now), true);
    assert.equal(revocations.refuses(claims("u", "s2"), now), false);
    assert.equal(revocations.refuses(claims("u"), now), false);
    assert.equal(revocations.refuses(claims("s1"), now), false, "a subject of the same name");
  });

  it("end everything of a subject up to a moment, and nothing after it", () => {
    const revocations = new Revocations();
    const revoke = (notBefore: number) =>
      revocations.add({ kind: "subject", id: "u", notBefore, until: notBefore + 100 }, now);
    revoke(now);
    assert.deepEqual(
      [now - 1, now, now + 1].map((at) => revocations.refuses(claims("u"), at)),
      [true, true, false],
    );
    revoke(now - 50);
    assert.equal(revocations.refuses(claims("u"), now), true, "an older one takes nothing back");
    assert.equal(revocations.refuses(claims("v"), now), false);
  });

  it("are forgotten when the tokens have expired", () => {
    const revocations = new Revocations();
    revocations.add({ kind: "session", id: "s", notBefore: 0, until: now + 100 }, now);
    revocations.add({ kind: "subject", id: "u", notBefore: now, until: now + 200 }, now);
    revocations.add({ kind: "session", id: "late", notBefore: 0, until: now }, now);
    assert.equal(revocations.size, 2);
    revocations.prune(now + 100);
    assert.equal(revocations.size, 1);
    revocations.prune(now + 200);
    assert.equal(revocations.size, 0);
  });

  it("that do not fit let nothing revoked in: everything issued until then is refused", () => {
    const revocations = new Revocations(2);
    for (const id of ["a", "b"]) revocations.add({ kind: "session", id, notBefore: 0, until: now + 100 }, now);
    assert.equal(revocations.refuses(claims("u", "x"), now), false);
    revocations.add({ kind: "session", id: "c", notBefore: 0, until: now + 100 }, now);
    for (const session of ["a", "b", "c", "x"]) assert.equal(revocations.refuses(claims("u", session), now), true);
    assert.equal(revocations.refuses(claims("u", "x"), now + 1), false);
    assert.equal(revocations.size, 0);
  });
});
