import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Door, type RawRequest } from "../bad-input/door.fixture.js";

const lines: string[] = [];
let door: Door;

before(async () => {
  door = await Door.open({
    process: { logLevel: "debug" },
    run: { signals: false, logSink: { write: (line) => lines.push(line) > 0, flush() {} } },
  });
});
after(() => door.close());

const forged = '{"level":"error","msg":"forged","service":"payment"}';
/** What ends a line, moves a cursor, reorders what is shown, or closes a string. */
const tricks = ["\n", "\r\n", "\u2028", "\u0085", "\u001b[2J\u001b[1;31m", "\u202e", '"}\n', "\u0000", "\u007f"].map(
  (trick) => `before${trick}${forged}`,
);

/** Control characters, line separators and what turns the direction of text. */
function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  return code === 0x2028 || code === 0x2029 || (code >= 0x202a && code <= 0x202e);
}

test("log injection: what clients send makes no line of its own and moves no cursor", async () => {
  const asUser: NonNullable<RawRequest["headers"]> = [["Authorization", `Bearer ${door.user.token}`]];
  const asOperator: NonNullable<RawRequest["headers"]> = [["Authorization", `Bearer ${door.operator}`]];
  lines.length = 0;
  for (const text of tricks) {
    await door.send({ method: "GET", path: `/v1/orders/${encodeURIComponent(text)}`, headers: asUser });
    await door.send({ method: "GET", path: `/v1/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}` });
    await door.send({ path: "/v1/auth/login", body: { code: text, deviceId: text } });
    await door.send({ path: "/v1/auth/password", body: { name: text, password: text } });
    await door.send({ path: "/v1/orders", headers: asUser, body: { idempotencyKey: text, [text]: text } });
    const product = { productId: text, title: text, price: { amount: "1", currency: text } };
    await door.send({ path: "/v1/products", headers: asOperator, body: { products: [product] } });
    // Header values cannot hold line ends; what they can hold goes in.
    const header = [...text].filter((character) => character >= " " && character <= "~").join("");
    const names = ["User-Agent", "X-Forwarded-For", "traceparent", "X-Request-Id"];
    await door.send({ method: "GET", path: "/v1/products", headers: names.map((name) => [name, header] as const) });
  }
  assert.ok(lines.length > tricks.length, `${lines.length} lines`);
  for (const line of lines) {
    assert.deepEqual([...line.replace(/\n$/, "")].filter(isControl), [], JSON.stringify(line));
    const { msg } = JSON.parse(line);
    assert.notEqual(msg, "forged");
  }
});
