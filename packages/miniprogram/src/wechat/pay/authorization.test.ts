import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Authorization, authorizationScheme, formatAuthorization, parseAuthorization } from "./authorization.js";

const token = fc.stringMatching(/^[A-Za-z0-9+/=_]{1,60}$/);
const authorization: fc.Arbitrary<Authorization> = fc.record(
  {
    mchid: token,
    serialNo: token,
    nonceStr: token,
    timestamp: fc.stringMatching(/^[0-9]{1,12}$/),
    signature: token,
  },
  { noNullPrototype: true },
);

test("what is formatted parses to the same", () => {
  fc.assert(
    fc.property(authorization, (value) => assert.deepEqual(parseAuthorization(formatAuthorization(value)), value)),
  );
});

test("the order of the fields does not matter", () => {
  fc.assert(
    fc.property(authorization, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (value, order) => {
      const parts = formatAuthorization(value)
        .slice(authorizationScheme.length + 1)
        .split(",");
      const header = `${authorizationScheme} ${order.map((index) => parts[index]).join(", ")}`;
      assert.deepEqual(parseAuthorization(header), value);
    }),
  );
});

test("a header with a field less, twice, or of its own is refused", () => {
  fc.assert(
    fc.property(authorization, fc.nat({ max: 4 }), (value, index) => {
      const parts = formatAuthorization(value)
        .slice(authorizationScheme.length + 1)
        .split(",");
      const header = (fields: string[]): string => `${authorizationScheme} ${fields.join(",")}`;
      assert.equal(parseAuthorization(header(parts.filter((_, at) => at !== index))), undefined);
      assert.equal(parseAuthorization(header([...parts, parts[index] as string])), undefined);
      assert.equal(parseAuthorization(header([...parts, 'extra="1"'])), undefined);
    }),
  );
});

test("any text is parsed or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseAuthorization(text);
      const parsed = parseAuthorization(`${authorizationScheme} ${text}`);
      if (parsed !== undefined) assert.match(parsed.timestamp, /^[0-9]+$/);
    }),
  );
});

test("another scheme is refused", () => {
  const header = 'mchid="1",nonce_str="n",signature="s",timestamp="1",serial_no="2"';
  assert.equal(parseAuthorization(`WECHATPAY2-SM2-WITH-SM3 ${header}`), undefined);
  assert.notEqual(parseAuthorization(`${authorizationScheme} ${header}`), undefined);
});
