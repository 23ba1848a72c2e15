import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcError } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { createFakeClock } from "@sampan/testkit";
import { BoundedWork } from "./bounded-work.js";
import { accountRules, failed } from "./lock-out.js";
import { checkPassword, type HashCost, hashPassword } from "./password-hash.js";
import { Passwords } from "./password-login.js";

/** Cheap: what is tested is not how long it takes. */
const cost: HashCost = { logN: 4, r: 8, p: 1 };
const good = "correct horse battery";

function make(options: { cost?: HashCost } = {}) {
  const clock = createFakeClock();
  const store = memoryKeyValue({ clock });
  return { clock, passwords: new Passwords({ store, clock, cost: options.cost ?? cost }) };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "taken";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return `${error.reason}: ${error.message}`;
  }
}

describe("password hashes", () => {
  it("carry their parameters and a salt of their own", async () => {
    const [one, two] = [await hashPassword(good, cost), await hashPassword(good, cost)];
    assert.match(one, /^\$scrypt\$ln=4,r=8,p=1\$[^$]{22}\$[^$]{43}$/);
    assert.notEqual(one, two);
    assert.deepEqual(await checkPassword(good, one, cost), { matches: true, outdated: false });
    assert.deepEqual(await checkPassword(`${good} `, one, cost), { matches: false, outdated: false });
  });

  it("are plain scrypt, which others can compute too", async () => {
    const salt = Buffer.from("SodiumChloride00").toString("base64").replace(/=+$/, "");
    const stored = await import("node:crypto").then(({ scryptSync }) =>
      scryptSync("pleaseletmein", "SodiumChloride00", 32, { N: 16_384, r: 8, p: 1 })
        .toString("base64")
        .replace(/=+$/, ""),
    );
    const hash = `$scrypt$ln=14,r=8,p=1$${salt}$${stored}`;
    assert.equal((await checkPassword("pleaseletmein", hash)).matches, true);
  });

  it("are outdated when the cost has changed", async () => {
    const stored = await hashPassword(good, cost);
    assert.deepEqual(await checkPassword(good, stored, { ...cost, logN: 5 }), { matches: true, outdated: true });
  });

  it("that are damaged, or ask for all the memory, are refused", async () => {
    const stored = await hashPassword(good, cost);
    for (const other of [
      "",
      "x",
      stored.replace("scrypt", "md5"),
      stored.slice(0, -1),
      stored.replace("ln=4", "ln=40"),
    ])
      await assert.rejects(checkPassword(good, other, cost), TypeError, other);
  });

  it("are the same however the characters were composed", async () => {
    const stored = await hashPassword("caf\u00e9 au lait 12", cost);
    assert.equal((await checkPassword("cafe\u0301 au lait 12", stored, cost)).matches, true);
  });
});

describe("a login with a password", () => {
  it("user enumeration: an unknown name has the same answer as a wrong password, and is locked alike", async () => {
    const { passwords } = make();
    const hash = await passwords.hash(good, "ann");
    const answers = async (account: string, stored: string | undefined): Promise<string[]> => {
      const seen: string[] = [];
      for (let i = 0; i < 7; i++)
        seen.push(
          await refusal(passwords.check({ account, password: "wrong wrong wrong", address: "", hash: stored })),
        );
      return seen;
    };
    const known = await answers("ann", hash);
    assert.deepEqual(await answers("nobody", undefined), known);
    assert.deepEqual([known[0]?.split(":")[0], known[6]?.split(":")[0]], ["LOGIN_REFUSED", "LOGIN_LOCKED"]);
  });

  it("password guessing: an account waits longer after each wrong password, and is free again after a right one", async () => {
    const { clock, passwords } = make();
    const hash = await passwords.hash(good, "ann");
    const attempt = (password: string) => refusal(passwords.check({ account: "Ann", password, address: "", hash }));
    for (let i = 0; i < 5; i++) assert.match(await attempt("wrong"), /^LOGIN_REFUSED/);
    assert.match(await attempt(good), /^LOGIN_LOCKED.*in 1 s/, "also with the right password");
    await clock.advance(1000);
    assert.match(await attempt("wrong"), /^LOGIN_REFUSED/);
    assert.match(await attempt("wrong"), /^LOGIN_LOCKED.*in 2 s/);
    await clock.advance(2000);
    assert.equal(await attempt(good), "taken");
    assert.match(await attempt("wrong"), /^LOGIN_REFUSED/);
    assert.match(await attempt("wrong"), /^LOGIN_REFUSED/);
  });

  it("password spraying: an address that tries many accounts is locked out, and others are not", async () => {
    const { passwords } = make();
    const attempt = (account: string, address: string) =>
      refusal(passwords.check({ account, password: "wrong", address, hash: undefined }));
    for (let i = 0; i < 20; i++) assert.match(await attempt(`user${i}`, "10.0.0.1"), /^LOGIN_REFUSED/);
    assert.match(await attempt("user99", "10.0.0.1"), /^LOGIN_LOCKED/);
    assert.match(await attempt("user99", "10.0.0.2"), /^LOGIN_REFUSED/);
  });

  it("password guessing at the same time: tries are counted before they are answered", async () => {
    const { passwords } = make();
    const hash = await passwords.hash(good, "ann");
    const tries = Array.from({ length: 40 }, () =>
      refusal(passwords.check({ account: "ann", password: "wrong", address: "", hash })),
    );
    await Promise.all(tries);
    assert.match(
      await refusal(passwords.check({ account: "ann", password: good, address: "", hash })),
      /^LOGIN_LOCKED/,
    );
  });

  it("gives a new hash when the cost has changed", async () => {
    const { passwords } = make({ cost: { ...cost, logN: 5 } });
    const old = await hashPassword(good, cost);
    const fresh = await passwords.check({ account: "ann", password: good, address: "", hash: old });
    assert.match(fresh ?? "", /ln=5/);
    const again = { account: "ann", password: good, address: "", hash: fresh };
    assert.equal(await passwords.check(again), undefined);
  });

  it("refuses new passwords that are too short, too long, repetitive or the name", async () => {
    const { passwords } = make();
    const of = (password: string) => refusal(passwords.hash(password, "operator"));
    assert.match(await of("x".repeat(11)), /less than 12/);
    assert.match(await of("abcd1234".repeat(17)), /more than 128/);
    assert.match(await of("ababababababab"), /repeats/);
    assert.match(await of("operator12345"), /the name/);
    assert.equal(await of("abcdefghijkl"), "taken");
    assert.equal(await of(`${"龙".repeat(4)}船在水上慢慢走啊`), "taken", "characters, not bytes");
    assert.equal(await of("abcd1234".repeat(16)), "taken");
  });
});

describe("bounded work", () => {
  it("does so much at once, keeps so much waiting, and refuses the rest", async () => {
    const work = new BoundedWork(2, 3);
    const ends: (() => void)[] = [];
    const start = () => work.run(() => new Promise<void>((resolve) => ends.push(resolve)));
    const running = Array.from({ length: 5 }, start);
    assert.equal(ends.length, 2);
    await assert.rejects(start(), { message: "too many passwords are being checked" });
    for (let i = 0; i < 5; i++) {
      (ends[i] as () => void)();
      await running[i];
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(ends.length, Math.min(5, i + 3));
    }
    const again = start();
    (ends[5] as () => void)();
    await again;
  });
});

describe("failures", () => {
  it("double the wait, up to the longest", () => {
    let state = failed(undefined, 0, accountRules);
    for (let i = 1; i < 100; i++) state = failed(state, 0, accountRules);
    assert.deepEqual(state, { count: 100, lockedUntil: accountRules.maxMs });
  });
});
