import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { before, describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { parts, sign, signWithSecret, tamper, unsigned } from "./forged-token.fixture.js";
import { IdentityErrors } from "./token-errors.js";
import { tokenIssuer } from "./token-issuer.js";
import { TokenKeySet } from "./token-key-set.js";
import { createTokenKeys, type TokenKeys } from "./token-keys.js";
import { type TokenVerifierOptions, tokenVerifier } from "./token-verifier.js";

const who = { subject: "user-1", roles: ["user"], tenant: "shop-a" };
const names = { issuer: "sampan-auth", audience: "sampan" };
const minute = 60_000;

let keys: TokenKeys;
let otherKeys: TokenKeys;
before(async () => {
  keys = await createTokenKeys();
  otherKeys = await createTokenKeys();
});

function make(options: Partial<TokenVerifierOptions> & { readonly lifetimeMs?: number } = {}) {
  const clock = createFakeClock();
  const { lifetimeMs, ...rest } = options;
  const issuer = tokenIssuer({ keys, ...names, clock, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) });
  const verifier = tokenVerifier({ keys: keys.publicKeys, ...names, clock, ...rest });
  const seconds = Math.floor(clock.now() / 1000);
  const header = { alg: "EdDSA", typ: "at+jwt", kid: keys.kid };
  const payload = {
    sub: "user-1",
    roles: ["user"],
    tenant: "shop-a",
    iss: names.issuer,
    aud: names.audience,
    iat: seconds,
    exp: seconds + 7200,
  };
  return { clock, issuer, verifier, header, payload };
}

async function refusal(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.code, Code.Unauthenticated);
    return `${error.reason}: ${error.message}`;
  }
  return "accepted";
}

const invalid = (why: string): string => `TOKEN_INVALID: the token is not valid: ${why}`;
const expired = "TOKEN_EXPIRED: the token has expired";

describe("tokens", () => {
  it("say of their bearer what they were issued for", async () => {
    const { issuer, verifier } = make();
    const { token, expiresIn } = await issuer.issue(who);
    assert.equal(expiresIn, 7200);
    assert.deepEqual(await verifier.verify(token), who);
    assert.deepEqual(await verifier.verify(token), who);
  });

  it("carry the registered claims, with times of the injected clock", async () => {
    const { clock, issuer, payload } = make({ lifetimeMs: 60_000 });
    const token = await issuer.issue(who);
    assert.deepEqual(parts(token.token).header, { alg: "EdDSA", typ: "at+jwt", kid: keys.kid });
    assert.deepEqual(parts(token.token).payload, {
      ...payload,
      nbf: payload.iat,
      exp: payload.iat + 60,
      iat_ms: clock.now(),
    });
  });

  it("give claims that one caller cannot change for the next", async () => {
    const { issuer, verifier } = make();
    const { token } = await issuer.issue(who);
    const claims = await verifier.verify(token);
    assert.throws(() => (claims.roles as string[]).push("operator"), TypeError);
    assert.throws(() => Object.assign(claims, { subject: "user-2" }), TypeError);
  });

  it("expire, after the clock skew", async () => {
    const { clock, issuer, verifier } = make({ lifetimeMs: minute });
    const { token } = await issuer.issue(who);
    await clock.advance(minute + 29_000);
    assert.deepEqual(await verifier.verify(token), who);
    await clock.advance(2000);
    assert.equal(await refusal(verifier.verify(token)), expired);
    assert.ok(IdentityErrors.TOKEN_EXPIRED.is(await verifier.verify(token).catch((error: unknown) => error)));
  });

  it("are taken from an issuer whose clock is a little ahead, and not from the future", async () => {
    const { header, payload, verifier } = make();
    const at = (offset: number, nbf = offset) =>
      sign(keys.privateKey, header, { ...payload, iat: payload.iat + offset, nbf: payload.iat + nbf });
    assert.deepEqual(await verifier.verify(await at(29)), who);
    assert.equal(await refusal(verifier.verify(await at(31))), invalid("it does not hold yet"));
    assert.equal(await refusal(verifier.verify(await at(31, 0))), invalid("it is from the future"));
  });

  it("are refused for another audience or from another issuer", async () => {
    const { header, payload, verifier } = make();
    const signed = (change: object) => sign(keys.privateKey, header, { ...payload, ...change });
    assert.equal(await refusal(verifier.verify(await signed({ aud: "bank" }))), invalid("it is for somebody else"));
    assert.equal(await refusal(verifier.verify(await signed({ iss: "evil" }))), invalid("it is from somebody else"));
    assert.deepEqual(await verifier.verify(await signed({ aud: ["bank", "sampan"] })), who);
  });

  it("are refused when anything was changed", async () => {
    const { issuer, verifier } = make();
    const { token } = await issuer.issue(who);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const wrong = invalid("its signature is wrong");
    assert.equal(await refusal(verifier.verify(tamper(token, { payload: { roles: ["operator"] } }))), wrong);
    assert.equal(await refusal(verifier.verify(tamper(token, { payload: { exp: 4_000_000_000 } }))), wrong);
    assert.equal(await refusal(verifier.verify(`${header}.${payload}.${signature.slice(0, -4)}AAAA`)), wrong);
    assert.equal(await refusal(verifier.verify(`${header}.${payload}.`)), wrong);
    assert.match(await refusal(verifier.verify(`${header}.${payload}`)), /TOKEN_INVALID/);
  });

  it("are refused when somebody else signed them, also under our key id or with the key enclosed", async () => {
    const { header, payload, verifier } = make();
    const wrong = invalid("its signature is wrong");
    assert.equal(await refusal(verifier.verify(await sign(otherKeys.privateKey, header, payload))), wrong);
    const [jwk] = otherKeys.publicKeys.keys;
    assert.equal(await refusal(verifier.verify(await sign(otherKeys.privateKey, { ...header, jwk }, payload))), wrong);
    const jku = "https://evil.example/keys";
    assert.equal(await refusal(verifier.verify(await sign(otherKeys.privateKey, { ...header, jku }, payload))), wrong);
    const unknown = invalid("it is signed with an unknown key");
    for (const kid of [otherKeys.kid, "../../etc/passwd", "__proto__", "constructor", ""]) {
      assert.equal(
        await refusal(verifier.verify(await sign(otherKeys.privateKey, { ...header, kid }, payload))),
        unknown,
        kid,
      );
    }
    const { kid: _, ...withoutKid } = header;
    assert.equal(await refusal(verifier.verify(await sign(keys.privateKey, withoutKid, payload))), unknown);
  });

  it("are refused without a signature", async () => {
    const { header, payload, verifier } = make();
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      assert.match(await refusal(verifier.verify(unsigned({ ...header, alg }, payload))), /TOKEN_INVALID/, alg);
    }
  });

  it("are refused when the public key was used as a shared secret", async () => {
    const { header, payload, verifier } = make();
    const jwk = keys.publicKeys.keys[0] as { kty: "OKP"; crv: "Ed25519"; x: string };
    const pem = createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ type: "spki", format: "pem" });
    for (const secret of [pem, JSON.stringify(jwk), jwk.x, Buffer.from(jwk.x, "base64url")]) {
      for (const alg of ["HS256", "EdDSA"]) {
        const expected = invalid(alg === "EdDSA" ? "its signature is wrong" : "it is signed with another algorithm");
        assert.equal(await refusal(verifier.verify(signWithSecret(secret, { ...header, alg }, payload))), expected);
      }
    }
  });

  it("are refused when they are of another type, or ask for what nobody knows", async () => {
    const { header, payload, verifier } = make();
    const signed = (change: object) => sign(keys.privateKey, { ...header, ...change }, payload);
    assert.equal(
      await refusal(verifier.verify(await signed({ typ: "refresh+jwt" }))),
      invalid("it is not an access token"),
    );
    const critical = tamper(await signed({}), { header: { crit: ["exp"], exp: 1 } });
    assert.match(await refusal(verifier.verify(critical)), /TOKEN_INVALID/);
  });

  it("are refused when claims are missing or of the wrong shape", async () => {
    const { header, payload, verifier } = make();
    const changes: object[] = [
      { sub: undefined },
      { sub: "" },
      { sub: "x".repeat(300) },
      { sub: 5 },
      { tenant: undefined },
      { tenant: {} },
      { roles: "operator" },
      { roles: [1] },
      { roles: Array.from({ length: 65 }, () => "r") },
      { exp: undefined },
      { exp: "tomorrow" },
      { iat: undefined },
      { aud: undefined },
      { iss: undefined },
    ];
    for (const change of changes) {
      const token = await sign(keys.privateKey, header, { ...payload, ...change });
      assert.match(await refusal(verifier.verify(token)), /^TOKEN_INVALID/, JSON.stringify(change));
    }
  });

  it("are refused when they are garbage or too long, always with the same kind of error", async () => {
    const { header, payload, verifier } = make();
    for (const token of ["", "x", "..", "a.b.c", "a.b.c.d", "null", undefined, null, 5, {}]) {
      assert.match(await refusal(verifier.verify(token as string)), /^TOKEN_INVALID/, String(token));
    }
    const long = await sign(keys.privateKey, header, { ...payload, padding: "x".repeat(4096) });
    assert.equal(await refusal(verifier.verify(long)), invalid("it is too long"));
    const part = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (garbage) => {
        return (await refusal(verifier.verify(garbage.join(".")))).startsWith("TOKEN_INVALID");
      }),
    );
  });

  it("do not appear in the errors about them", async () => {
    const { issuer, verifier } = make();
    const { token } = await issuer.issue(who);
    const error = (await verifier.verify(`${token}x`).catch((thrown: unknown) => thrown)) as RpcError;
    assert.ok(
      !`${error.stack} ${JSON.stringify(error.info)} ${String(error.cause)}`.includes(token.split(".")[2] as string),
    );
  });

  it("are not issued for nobody, nor for no time", async () => {
    const { issuer } = make();
    await assert.rejects(issuer.issue({ ...who, subject: "" }), TypeError);
    await assert.rejects(issuer.issue({ ...who, tenant: "" }), TypeError);
    assert.throws(() => make({ lifetimeMs: 500 }), TypeError);
  });
});

describe("a verifier", () => {
  it("takes every key of its set", async () => {
    const { header, payload, clock } = make();
    const both = tokenVerifier({
      keys: { keys: [...otherKeys.publicKeys.keys, ...keys.publicKeys.keys] },
      ...names,
      clock,
    });
    for (const each of [keys, otherKeys]) {
      assert.deepEqual(await both.verify(await sign(each.privateKey, { ...header, kid: each.kid }, payload)), who);
    }
  });

  it("refuses a key set that is not one of public Ed25519 keys with ids", () => {
    const [key] = keys.publicKeys.keys;
    const sets: unknown[] = [
      [],
      [key, key],
      [{ ...key, d: "x" }],
      [{ ...key, kid: "" }],
      [{ kty: "oct", k: "x", kid: "a" }],
      [{ kty: "RSA", kid: "a" }],
    ];
    for (const set of sets) {
      assert.throws(() => tokenVerifier({ keys: { keys: set } as never, ...names }), TypeError, JSON.stringify(set));
    }
  });

  it("remembers a token until it expires and not longer", async () => {
    const { clock, issuer, verifier } = make({ lifetimeMs: minute, clockSkewMs: 0 });
    const { token } = await issuer.issue(who);
    const first = await verifier.verify(token);
    await clock.advance(minute - 1);
    assert.equal(await verifier.verify(token), first, "from memory");
    await clock.advance(1);
    assert.equal(await refusal(verifier.verify(token)), expired);
  });

  it("checks anew within the skew after expiry", async () => {
    const { clock, issuer, verifier } = make({ lifetimeMs: minute });
    const { token } = await issuer.issue(who);
    const first = await verifier.verify(token);
    await clock.advance(minute + 1000);
    const second = await verifier.verify(token);
    assert.deepEqual(second, first);
    assert.notEqual(second, first);
    assert.notEqual(await verifier.verify(token), second);
  });
});

describe("token tampering", () => {
  it("key confusion: a key is used for its own algorithm only, whatever a token says", async () => {
    const { clock, header, payload } = make();
    const rsa = await createTokenKeys("RS256");
    const set = { keys: [...keys.publicKeys.keys, ...rsa.publicKeys.keys] };
    const verifier = tokenVerifier({ keys: set, ...names, clock });
    const rsaHeader = { ...header, alg: "RS256", kid: rsa.kid };
    assert.deepEqual(await verifier.verify(await sign(rsa.privateKey, rsaHeader, payload)), who);
    const other = invalid("it is signed with another algorithm");
    const mixed = tamper(await sign(keys.privateKey, header, payload), { header: { kid: rsa.kid } });
    assert.equal(await refusal(verifier.verify(mixed)), other);
    assert.equal(await refusal(verifier.verify(tamper(mixed, { header: { alg: "RS256", kid: keys.kid } }))), other);
    const { kty, n, e } = rsa.publicKeys.keys[0] as { kty: "RSA"; n: string; e: string };
    const pem = createPublicKey({ key: { kty, n, e }, format: "jwk" }).export({ type: "spki", format: "pem" });
    for (const alg of ["HS256", "PS256", "RS512", "none"])
      assert.equal(await refusal(verifier.verify(signWithSecret(pem, { ...rsaHeader, alg }, payload))), other, alg);
  });

  it("kid injection: a key id is looked up among the published ones and nowhere else", async () => {
    const { header, payload, verifier } = make();
    const unknown = invalid("it is signed with an unknown key");
    for (const kid of [
      "../../../dev/null",
      "' or 1=1 --",
      "http://evil.example/k",
      "hasOwnProperty",
      keys.kid.toUpperCase(),
      `${keys.kid}\u0000`,
      "k".repeat(200),
    ])
      assert.equal(
        await refusal(verifier.verify(await sign(otherKeys.privateKey, { ...header, kid }, payload))),
        unknown,
        kid,
      );
  });

  it("a key that is no longer published: its tokens are refused, also those that were checked before", async () => {
    const { clock, issuer } = make();
    const keySet = new TokenKeySet(keys.publicKeys);
    const verifier = tokenVerifier({ keys: keySet, ...names, clock });
    const { token } = await issuer.issue(who);
    assert.deepEqual(await verifier.verify(token), who);
    keySet.replace(otherKeys.publicKeys);
    assert.equal(await refusal(verifier.verify(token)), invalid("it is signed with an unknown key"));
  });

  it("scopes and session are claims like others", async () => {
    const { header, issuer, payload, verifier } = make();
    const claims = { ...who, scopes: ["a.b", "c"], session: "s1" };
    const { token } = await issuer.issue(claims);
    assert.deepEqual(await verifier.verify(token), claims);
    assert.equal(
      await refusal(verifier.verify(tamper(token, { payload: { scope: "a.b c d" } }))),
      invalid("its signature is wrong"),
    );
    for (const change of [{ scope: 5 }, { scope: "" }, { scope: "a  b" }, { sid: "" }, { sid: 1 }])
      assert.match(
        await refusal(verifier.verify(await sign(keys.privateKey, header, { ...payload, ...change }))),
        /^TOKEN_INVALID/,
      );
    await assert.rejects(issuer.issue({ ...who, scopes: ["a b"] }), TypeError);
  });

  it("an RSA key that is too short is refused", () => {
    const set = { keys: [{ kty: "RSA", n: "x".repeat(171), e: "AQAB", kid: "a" }] };
    assert.throws(() => tokenVerifier({ keys: set as never, ...names }), /2048 bits/);
  });
});
