import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { RpcError } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { canonicalRequest, signatureHeader } from "./canonical-request.js";
import { parseSignature } from "./parse-signature.js";
import { type RequestToSign, type SigningCrypto, signRequest } from "./sign-request.js";
import { signatureVerifier } from "./signature-verifier.js";

const crypto: SigningCrypto = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  hmacSha256: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
};
const key = { id: "s1", secret: "the session's secret" };

function make() {
  const clock = createFakeClock();
  const nonces = memoryKeyValue({ clock });
  const verify = signatureVerifier({
    keyOf: async (id) => (id === key.id ? key : id === "s2" ? { secret: "another" } : undefined),
    nonces,
    clock,
  });
  let drawn = 0;
  const request = (change: Partial<RequestToSign> = {}): RequestToSign => ({
    method: "POST",
    target: "/v1/orders?dry=1",
    body: '{"a":1}',
    now: clock.now(),
    nonce: `nonce-number-${String(drawn++).padStart(6, "0")}`,
    ...change,
  });
  const headerOf = (made: RequestToSign, by = key) => signRequest(made, by, crypto)[signatureHeader] as string;
  return { clock, verify, request, headerOf };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "taken";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error.reason ?? "";
  }
}

describe("a signed request", () => {
  it("is taken with exactly the body that was signed", async () => {
    const { verify, request, headerOf } = make();
    const made = request();
    const check = await verify({ method: "POST", target: made.target, header: headerOf(made), keyId: "s1" });
    check(Buffer.from(made.body));
    for (const body of ["", '{"a":2}', '{"a":1} ']) assert.throws(() => check(Buffer.from(body)), /for another body/);
  });

  it("signature tampering: is refused when anything else was changed", async () => {
    const { verify, request, headerOf } = make();
    const made = request();
    const header = headerOf(made);
    const { target } = made;
    const of = (change: object) => refusal(verify({ method: "POST", target, header, ...change }));
    assert.equal(await of({ method: "PUT" }), "SIGNATURE_INVALID");
    assert.equal(await of({ target: "/v1/orders?dry=0" }), "SIGNATURE_INVALID");
    assert.equal(await of({ target: "/v1/orders" }), "SIGNATURE_INVALID");
    const parts = {
      timestamp: String(made.now + 1),
      nonce: "another-nonce-000",
      digest: "0".repeat(64),
      signature: "0".repeat(64),
      keyId: "s2",
    };
    for (const [name, value] of Object.entries(parts))
      assert.equal(
        await of({ header: header.replace(new RegExp(`${name}=[^,]+`), `${name}=${value}`) }),
        "SIGNATURE_INVALID",
        name,
      );
    assert.equal(await of({}), "taken", "none of them used the nonce up");
  });

  it("signature stripping: is refused without a signature, or with something that is none", async () => {
    const { verify, request, headerOf } = make();
    const header = headerOf(request());
    const of = (value: string | undefined) => refusal(verify({ method: "POST", target: "/", header: value }));
    assert.equal(await of(undefined), "SIGNATURE_MISSING");
    for (const other of [
      "",
      "x",
      header.replace("SAMPAN1", "SAMPAN0"),
      `${header},x=1`,
      header.replace("HMAC-SHA256", "none"),
      `${header}, ${header}`,
      header.replace(/,digest=\w+/, ""),
    ])
      assert.equal(await of(other), "SIGNATURE_INVALID", other);
  });

  it("replay: is refused the second time, also at the same time, for as long as it is fresh", async () => {
    const { clock, verify, request, headerOf } = make();
    const made = request({ now: clock.now() + 299_000 });
    const again = () => refusal(verify({ method: "POST", target: made.target, header: headerOf(made) }));
    assert.deepEqual((await Promise.all([again(), again(), again()])).sort(), [
      "SIGNATURE_REPLAYED",
      "SIGNATURE_REPLAYED",
      "taken",
    ]);
    await clock.advance(599_000);
    assert.equal(await again(), "SIGNATURE_REPLAYED");
    await clock.advance(2000);
    assert.equal(await again(), "SIGNATURE_STALE");
  });

  it("stale signatures: is refused outside the window, on both sides", async () => {
    const { clock, verify, request, headerOf } = make();
    const at = (offset: number) => {
      const made = request({ now: clock.now() + offset });
      return refusal(verify({ method: "POST", target: made.target, header: headerOf(made) }));
    };
    assert.deepEqual(await Promise.all([-300_001, -300_000, 300_000, 300_001].map(at)), [
      "SIGNATURE_STALE",
      "taken",
      "taken",
      "SIGNATURE_STALE",
    ]);
  });

  it("somebody else's key: is refused with a good signature of another session", async () => {
    const { verify, request, headerOf } = make();
    const made = request();
    const header = headerOf(made, { id: "s2", secret: "another" });
    const of = (keyId: string) => refusal(verify({ method: "POST", target: made.target, header, keyId }));
    assert.equal(await of("s1"), "SIGNATURE_INVALID");
    assert.equal(await of("s2"), "taken");
    assert.equal(
      await refusal(verify({ method: "GET", target: "/", header: headerOf(made, { id: "s9", secret: "x" }) })),
      "SIGNATURE_INVALID",
    );
  });

  it("has one canonical form for each request, and lines that cannot run into each other", () => {
    const part = fc.string({ maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
    const parts = fc.record({
      method: part,
      target: part,
      bodyDigest: part,
      timestamp: part,
      nonce: part,
      keyId: part,
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        assert.equal(canonicalRequest(a) === canonicalRequest(b), same);
      }),
    );
    assert.throws(
      () => canonicalRequest({ method: "G\nET", target: "", bodyDigest: "", timestamp: "", nonce: "", keyId: "" }),
      TypeError,
    );
  });

  it("is not parsed from garbage", () => {
    fc.assert(fc.property(fc.string(), (text) => parseSignature(text) === undefined));
    assert.equal(parseSignature("x".repeat(100_000)), undefined);
  });
});
