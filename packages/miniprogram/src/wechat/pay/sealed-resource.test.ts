import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../json-fields.js";
import { openResource, sealResource } from "./sealed-resource.js";

const key = Buffer.alloc(32, 7);
const asObject = (sealed: object): JsonObject => sealed as JsonObject;

test("what is sealed opens with the same key and no other", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const sealed = asObject(sealResource(text, "transaction", key));
      assert.equal(openResource(sealed, key)?.toString("utf8"), Buffer.from(text).toString("utf8"));
      assert.equal(openResource(sealed, Buffer.alloc(32, 8)), undefined);
    }),
  );
});

test("every single flipped bit of the ciphertext is noticed", () => {
  const sealed = sealResource("{}", "transaction", key);
  const bytes = Buffer.from(sealed.ciphertext, "base64");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const spoilt = Buffer.from(bytes);
    spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.equal(openResource({ ...sealed, ciphertext: spoilt.toString("base64") }, key), undefined);
  }
});

test("another associated data, nonce, algorithm or a short ciphertext does not open", () => {
  const sealed = sealResource("{}", "transaction", key);
  const spoilt: object[] = [
    { associated_data: "refund" },
    { associated_data: "" },
    { nonce: "000000000000" },
    { nonce: "short" },
    { nonce: 1 },
    { algorithm: "AES_128" },
    { ciphertext: "AAAA" },
    { ciphertext: undefined },
  ];
  for (const change of spoilt)
    assert.equal(openResource({ ...sealed, ...change }, key), undefined, JSON.stringify(change));
  assert.equal(openResource(undefined, key), undefined);
});
