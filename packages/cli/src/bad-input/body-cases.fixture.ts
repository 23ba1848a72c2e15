import { maxBody, type RawRequest, type Refusal } from "./door.fixture.js";
import { goodOrder, invalid, malformed } from "./order-cases.fixture.js";

const good = JSON.stringify(goodOrder());
const tooLarge: Refusal = { status: 413, code: "INVALID_ARGUMENT", reason: "BODY_TOO_LARGE" };
const wrongType: Refusal = { status: 415, code: "INVALID_ARGUMENT", reason: "UNSUPPORTED_MEDIA_TYPE" };

const noObject: Refusal = { status: 400, code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" };

/** An object in an object, so many deep, as a field that no message has. */
function deep(levels: number): string {
  return `{"lines":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
}

/** Valid JSON of exactly so many bytes, about a product that does not exist. */
function padded(bytes: number): Buffer {
  const text = JSON.stringify(goodOrder({ lines: [{ productId: "ghost", quantity: "1" }] }));
  return Buffer.from(text + " ".repeat(bytes - text.length));
}

const typed = (type: string, ...more: (readonly [string, string])[]): (readonly [string, string])[] => [
  ["Content-Type", type],
  ...more,
];

/** Bodies of `POST /v1/orders` that never become a message. */
export const bodyCases: readonly (readonly [what: string, request: Omit<RawRequest, "path">, refusal: Refusal])[] = [
  ["no body", {}, invalid("lines")],
  ["an empty body", { body: "" }, invalid("lines")],
  ["blanks", { body: "   " }, malformed],
  ["text", { body: "order tea, please" }, malformed],
  ["a list", { body: "[]" }, noObject],
  ["null", { body: "null" }, noObject],
  ["a number", { body: "7" }, noObject],
  ["JSON that was cut off", { body: good.slice(0, -1) }, malformed],
  ["JSON that was cut off inside text", { body: good.slice(0, 25) }, malformed],
  ["two JSON values", { body: good + good }, malformed],
  ["JSON and something behind it", { body: `${good};` }, malformed],
  ["single quotes", { body: good.replaceAll('"', "'") }, malformed],
  ["a comment", { body: `/* tea */${good}` }, malformed],
  ["NaN", { body: good.replace('"2"', "NaN") }, malformed],
  ["a key twice", { body: good.replace('"quantity"', '"quantity":"1","quantity"') }, malformed],
  [
    "a field under both of its names",
    { body: good.replace('"idempotencyKey"', '"idempotency_key":"x","idempotencyKey"') },
    invalid("idempotencyKey"),
  ],
  ["a whole number that a double cannot hold", { body: good.replace('"2"', "9007199254740993") }, malformed],
  ["33 levels", { body: deep(33) }, malformed],
  ["100,000 levels", { body: deep(100_000) }, malformed],
  ["100,000 levels that are never closed", { body: "[".repeat(100_000) }, malformed],
  [
    "invalid UTF-8",
    { body: Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]) },
    malformed,
  ],
  [
    "overlong UTF-8",
    { body: Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]) },
    malformed,
  ],
  ["UTF-16", { body: Buffer.from(good, "utf16le") }, malformed],
  ["one byte too many", { body: padded(maxBody + 1) }, tooLarge],
  ["ten times too many bytes", { body: padded(maxBody * 10) }, tooLarge],
  ["a form", { body: "a=1", headers: typed("application/x-www-form-urlencoded") }, wrongType],
  ["plain text", { body: good, headers: typed("text/plain") }, wrongType],
  ["JSON in Latin-1", { body: good, headers: typed("application/json; charset=latin1") }, wrongType],
  ["a compressed body", { body: good, headers: typed("application/json", ["Content-Encoding", "gzip"]) }, wrongType],
];

/** The last size and depth that are looked at; refused for what they say, and not for their form. */
export const acceptedForms: readonly (readonly [what: string, body: string | Buffer, refusal: Refusal])[] = [
  [
    "a body of the largest size",
    padded(maxBody),
    { status: 400, code: "INVALID_ARGUMENT", reason: "UNKNOWN_PRODUCTS" },
  ],
  ["32 levels", deep(32), invalid("lines[0]")],
];
