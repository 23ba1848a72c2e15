import type { Refusal } from "./door.fixture.js";

let orders = 0;

/** An order that is accepted as it stands, each under a key of its own; each case breaks one thing of it. */
export function goodOrder(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    lines: [{ productId: "tea", quantity: "2" }],
    paymentMethod: "PAYMENT_METHOD_WALLET",
    idempotencyKey: `good ${orders++}`,
    ...change,
  };
}

function line(change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return goodOrder({ lines: [{ productId: "tea", quantity: "2", ...change }] });
}

export const invalid = (field: string): Refusal => ({
  status: 400,
  code: "INVALID_ARGUMENT",
  reason: "INVALID_REQUEST",
  field,
});
export const malformed: Refusal = { status: 400, code: "INVALID_ARGUMENT", reason: "MALFORMED_BODY" };
const precondition = (reason: string): Refusal => ({ status: 400, code: "FAILED_PRECONDITION", reason });
const argument = (reason: string): Refusal => ({ status: 400, code: "INVALID_ARGUMENT", reason });

const price = { amount: "100", currency: "CNY" };

/** What is wrong with an order, and what must be said of it. */
export const orderCases: readonly (readonly [what: string, body: unknown, refusal: Refusal])[] = [
  ["an unknown field", goodOrder({ colour: "red" }), invalid("colour")],
  ["an unknown field of a line", line({ colour: "red" }), invalid("lines[0].colour")],
  ["an order id, which is not the client's to choose", goodOrder({ orderId: "mine" }), invalid("orderId")],
  ["a price of the client's own", line({ price }), invalid("lines[0].price")],
  ["nothing", {}, invalid("lines")],
  ["no lines", goodOrder({ lines: [] }), invalid("lines")],
  ["lines that are null", goodOrder({ lines: null }), invalid("lines")],
  ["lines that are an object", goodOrder({ lines: {} }), invalid("lines")],
  ["lines that are text", goodOrder({ lines: "tea" }), invalid("lines")],
  ["a line that is null", goodOrder({ lines: [null] }), invalid("lines[0]")],
  ["a line that is a list", goodOrder({ lines: [[]] }), invalid("lines[0]")],
  ["an empty line", goodOrder({ lines: [{}] }), invalid("lines[0].productId")],
  ["an empty product id", line({ productId: "" }), invalid("lines[0].productId")],
  ["a product id that is a number", line({ productId: 7 }), invalid("lines[0].productId")],
  ["a product id of 65 characters", line({ productId: "x".repeat(65) }), invalid("lines[0].productId")],
  ["no quantity", line({ quantity: undefined }), invalid("lines[0].quantity")],
  ["a quantity of zero", line({ quantity: "0" }), invalid("lines[0].quantity")],
  ["a negative quantity", line({ quantity: "-1" }), invalid("lines[0].quantity")],
  ["a quantity above the limit", line({ quantity: "1000001" }), invalid("lines[0].quantity")],
  ["a quantity of 2^63 - 1", line({ quantity: "9223372036854775807" }), invalid("lines[0].quantity")],
  ["a quantity of 2^63", line({ quantity: "9223372036854775808" }), invalid("lines[0].quantity")],
  ["a quantity of -2^63", line({ quantity: "-9223372036854775808" }), invalid("lines[0].quantity")],
  ["half a piece", line({ quantity: 0.5 }), invalid("lines[0].quantity")],
  ["a quantity in words", line({ quantity: "two" }), invalid("lines[0].quantity")],
  ["a quantity that is empty", line({ quantity: "" }), invalid("lines[0].quantity")],
  ["a quantity that is true", line({ quantity: true }), invalid("lines[0].quantity")],
  ["a quantity that is a list", line({ quantity: ["2"] }), invalid("lines[0].quantity")],
  ["1001 lines", goodOrder({ lines: many(1001) }), invalid("lines")],
  ["10,000 lines", goodOrder({ lines: many(10_000) }), invalid("lines")],
  ["a price that is a number", line({ unitPrice: 100 }), invalid("lines[0].unitPrice")],
  [
    "a price that is a fraction",
    line({ unitPrice: { ...price, amount: "1.5" } }),
    invalid("lines[0].unitPrice.amount"),
  ],
  [
    "a price beyond the limit",
    line({ unitPrice: { ...price, amount: "1000000000000001" } }),
    invalid("lines[0].unitPrice.amount"),
  ],
  [
    "a currency in small letters",
    line({ unitPrice: { ...price, currency: "cny" } }),
    invalid("lines[0].unitPrice.currency"),
  ],
  ["no payment method", goodOrder({ paymentMethod: undefined }), invalid("paymentMethod")],
  ["a payment method of zero", goodOrder({ paymentMethod: 0 }), invalid("paymentMethod")],
  [
    "a payment method that does not exist",
    goodOrder({ paymentMethod: "PAYMENT_METHOD_GOLD" }),
    invalid("paymentMethod"),
  ],
  ["a payment method by a number that does not exist", goodOrder({ paymentMethod: 99 }), invalid("paymentMethod")],
  ["no idempotency key", goodOrder({ idempotencyKey: undefined }), invalid("idempotencyKey")],
  ["an empty idempotency key", goodOrder({ idempotencyKey: "" }), invalid("idempotencyKey")],
  ["an idempotency key of 129 characters", goodOrder({ idempotencyKey: "k".repeat(129) }), invalid("idempotencyKey")],
  ["an idempotency key that is a number", goodOrder({ idempotencyKey: 1 }), invalid("idempotencyKey")],
  ["an unknown product", line({ productId: "ghost" }), argument("UNKNOWN_PRODUCTS")],
  [
    "a known product and an unknown one",
    goodOrder({ lines: [...many(1), { productId: "ghost", quantity: 1 }] }),
    argument("UNKNOWN_PRODUCTS"),
  ],
  ["a price that changed since", line({ unitPrice: { ...price, amount: "99" } }), precondition("PRICE_CHANGED")],
  ["a price in another currency", line({ unitPrice: { ...price, currency: "GBP" } }), precondition("PRICE_CHANGED")],
  [
    "two currencies",
    goodOrder({ lines: [...many(1), { productId: "scone", quantity: 1 }] }),
    argument("CURRENCY_MISMATCH"),
  ],
  ["a total beyond the limit", line({ productId: "jade", quantity: 2 }), argument("AMOUNT_TOO_LARGE")],
  [
    "more than there is",
    goodOrder({ lines: [1, 2, 3, 4].map(() => ({ productId: "tea", quantity: 1_000_000 })) }),
    precondition("OUT_OF_STOCK"),
  ],
  ["a product id with a NUL", line({ productId: "te\u0000a" }), argument("INVALID_VALUE")],
  [
    "a product id with half a surrogate pair",
    `{"lines":[{"productId":"\\ud83d","quantity":"1"}],"paymentMethod":1,"idempotencyKey":"k"}`,
    invalid("lines[0].productId"),
  ],
];

/** So many lines of one piece each. */
export function many(count: number): object[] {
  return Array.from({ length: count }, () => ({ productId: "tea", quantity: "1" }));
}
