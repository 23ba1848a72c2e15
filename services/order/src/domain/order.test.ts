import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CartLine,
  checkCancellable,
  named,
  type Offer,
  type Order,
  type OrderStatus,
  priceCart,
  totalOf,
} from "./order.js";

const offer = (productId: string, amount: bigint, currency = "CNY"): [string, Offer] => [
  productId,
  { productId, title: productId.toUpperCase(), price: { amount, currency } },
];
const offers = new Map([
  offer("tea", 100n),
  offer("rice", 250n),
  offer("scone", 100n, "GBP"),
  offer("jade", 10n ** 15n),
]);
const line = (productId: string, quantity: bigint, seen?: bigint): CartLine => ({
  productId,
  quantity,
  seenPrice: seen === undefined ? undefined : { amount: seen, currency: "CNY" },
});
const failing =
  (reason: string, metadata: Readonly<Record<string, string>> = {}) =>
  (error: unknown) => {
    const { info } = error as { info: { reason: string; metadata: Record<string, string> } };
    assert.equal(info.reason, reason);
    for (const [name, value] of Object.entries(metadata)) assert.equal(info.metadata[name], value);
    return true;
  };

test("a cart is priced line by line, in its order, at today's prices", () => {
  const lines = priceCart([line("rice", 2n, 250n), line("tea", 1n), line("rice", 1n)], offers);
  assert.deepEqual(
    lines.map(({ lineNo, productId, title, quantity, unitPrice }) => [
      lineNo,
      productId,
      title,
      quantity,
      unitPrice.amount,
    ]),
    [
      [0, "rice", "RICE", 2n, 250n],
      [1, "tea", "TEA", 1n, 100n],
      [2, "rice", "RICE", 1n, 250n],
    ],
  );
  assert.deepEqual(totalOf(lines), { amount: 850n, currency: "CNY" });
});

test("all unknown products are named at once, each once", () => {
  const cart = [line("ghost", 1n), line("tea", 1n), line("ghost", 2n), line("spirit", 1n)];
  assert.throws(() => priceCart(cart, offers), failing("UNKNOWN_PRODUCTS", { products: "ghost, spirit" }));
});

test("a price that the user did not see refuses the order, and says which it is now", () => {
  const cart = [line("tea", 1n, 99n), line("rice", 1n, 250n)];
  assert.throws(() => priceCart(cart, offers), failing("PRICE_CHANGED", { products: "tea (now 100 CNY)" }));
  const pounds = [{ productId: "tea", quantity: 1n, seenPrice: { amount: 100n, currency: "GBP" } }];
  assert.throws(() => priceCart(pounds, offers), failing("PRICE_CHANGED"));
});

test("two currencies, or a total that nobody could pay, are refused", () => {
  assert.throws(() => totalOf(priceCart([line("tea", 1n), line("scone", 1n)], offers)), failing("CURRENCY_MISMATCH"));
  assert.deepEqual(totalOf(priceCart([line("jade", 1n)], offers)).amount, 10n ** 15n);
  assert.throws(() => totalOf(priceCart([line("jade", 1n), line("tea", 1n)], offers)), failing("AMOUNT_TOO_LARGE"));
  assert.throws(() => totalOf(priceCart([line("jade", 2n)], offers)), failing("AMOUNT_TOO_LARGE"));
});

test("a total is the sum of quantities times prices, to the fen", () => {
  const cartLine = fc.tuple(fc.constantFrom("tea", "rice"), fc.bigInt({ min: 1n, max: 1_000_000n }));
  fc.assert(
    fc.property(fc.array(cartLine, { minLength: 1, maxLength: 50 }), (cart) => {
      const expected = cart.reduce(
        (sum, [productId, quantity]) => sum + quantity * (productId === "tea" ? 100n : 250n),
        0n,
      );
      const lines = priceCart(
        cart.map(([productId, quantity]) => line(productId, quantity)),
        offers,
      );
      assert.equal(totalOf(lines).amount, expected);
    }),
  );
});

test("only an order that waits for its payment can be cancelled; one that was, stays so", () => {
  const all: readonly OrderStatus[] = [
    "pending",
    "awaiting-payment",
    "confirmed",
    "cancelled",
    "expired",
    "failed",
    "refunded",
  ];
  const may = all.filter((status) => {
    try {
      checkCancellable({ orderId: "o", status } as Order);
      return true;
    } catch (error) {
      return !failing("NOT_CANCELLABLE", { status })(error);
    }
  });
  assert.deepEqual(may, ["awaiting-payment", "cancelled"]);
});

test("a message names five, and says how many more there are", () => {
  assert.equal(named(["a", "b", "c", "d", "e"]), "a, b, c, d, e");
  assert.equal(named(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
});
