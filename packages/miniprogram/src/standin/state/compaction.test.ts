import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Compaction } from "./compaction.js";
import type { StandinEvent } from "./events.js";
import { StandinState } from "./state.js";

const now = 2_000_000_000_000;
const day = 86_400_000;

function compacted(events: readonly StandinEvent[], at = now): StandinEvent[] {
  const compaction = new Compaction(at);
  for (const event of events) compaction.see(event);
  return events.flatMap((event) => compaction.kept(event) ?? []);
}

function order(outTradeNo: string, createdAt: number): StandinEvent {
  const terms = { prepayId: `wx${outTradeNo}`, description: "tea", attach: "", notifyUrl: "https://example.com/" };
  const money = { total: 100, currency: "CNY", openid: "o1", expiresAt: 0 };
  return { type: "order", outTradeNo, ...terms, ...money, createdAt };
}

function refund(outRefundNo: string, outTradeNo: string, createdAt: number): StandinEvent {
  const money = { refund: 10, total: 100, currency: "CNY", reason: "" };
  return { type: "refund", outRefundNo, outTradeNo, refundId: "5", ...money, createdAt, settlesAt: 0 };
}

const user: StandinEvent = { type: "user", openid: "o1", unionId: "" };
const certificate = (serial: string, expiresAt: number): StandinEvent => ({
  type: "platform-certificate",
  serial,
  certificate: "",
  privateKey: "",
  effectiveAt: 0,
  expiresAt,
});

test("what has expired or was replaced is dead, on both sides of its limit", () => {
  const code = (name: string, expiresAt: number): StandinEvent => ({
    type: "login-code",
    code: name,
    openid: "o1",
    createdAt: 0,
    expiresAt,
  });
  const login = (name: string, sessionKey: string): StandinEvent => ({
    type: "login",
    code: name,
    openid: "o1",
    sessionKey,
  });
  const token = (name: string): StandinEvent => ({ type: "token", token: name, expiresAt: 1 });
  const message = (at: number): StandinEvent => ({
    type: "message",
    openid: "o1",
    templateId: "t",
    data: {},
    page: "",
    at,
  });
  const events: [StandinEvent, boolean][] = [
    [user, true],
    [code("old", now), false],
    [code("new", now + 1), true],
    [login("old", "k1"), false],
    [login("new", "k2"), true],
    [login("old", "k3"), true],
    [{ type: "blocked", openid: "o1", blocked: true }, false],
    [{ type: "blocked", openid: "o1", blocked: false }, true],
    [token("a"), false],
    [token("b"), true],
    [{ type: "tokens-limited", expiresAt: 5 }, true],
    [token("c"), true],
    [{ type: "grant", openid: "o1", templateId: "t", count: 3 }, true],
    [message(now - 30 * day), false],
    [message(now - 30 * day + 1), true],
    [certificate("A", now), false],
    [certificate("B", now + 1), true],
    [{ type: "bill-plant", plant: "missing", outTradeNo: "x" }, false],
    [{ type: "bill-plants-cleared" }, true],
    [{ type: "bill-plant", plant: "missing", outTradeNo: "y" }, true],
    [order("ancient", now - 400 * day), false],
    [{ type: "user-refused", outTradeNo: "ancient" }, false],
    [order("last-year", now - 400 * day + 1), true],
    [order("ancient-but-refunded", now - 500 * day), true],
    [{ type: "paid", outTradeNo: "ancient-but-refunded", transactionId: "4", notificationId: "e", paidAt: 1 }, true],
    [{ type: "refund-outcome", outTradeNo: "ancient-but-refunded", outcome: "SUCCESS" }, false],
    [refund("r1", "ancient-but-refunded", now - day), true],
    [{ type: "refund-outcome", outTradeNo: "ancient-but-refunded", outcome: "CLOSED" }, true],
    [{ type: "delivery", outTradeNo: "ancient-but-refunded", at: 1, status: 500, nextAt: 2 }, false],
    [{ type: "delivery", outTradeNo: "ancient-but-refunded", outRefundNo: "r1", at: 1, status: 500, nextAt: 2 }, true],
    [{ type: "delivery", outTradeNo: "ancient-but-refunded", at: 2, status: 200, nextAt: 0 }, true],
  ];
  const kept = compacted(events.map(([event]) => event));
  const expected = events.filter(([, alive]) => alive).map(([event]) => event);
  // Three granted, one used up by the forgotten message.
  const net = expected.map((event) => (event.type === "grant" ? { ...event, count: 2 } : event));
  assert.deepEqual(kept, net);
});

test("events that compaction does not know are kept", () => {
  const unknown = { type: "from-the-future" } as unknown as StandinEvent;
  assert.deepEqual(compacted([unknown, unknown]), [unknown, unknown]);
});

test("another vendor's events are looked at in the same way, and on their own", () => {
  const wrap = (event: StandinEvent): StandinEvent => ({ type: "vendor", vendor: "other", event });
  const blocked: StandinEvent = { type: "blocked", openid: "o1", blocked: true };
  const events = [user, blocked, wrap(user), wrap(blocked), wrap(blocked), wrap(order("x", 0))];
  assert.deepEqual(compacted(events), [user, blocked, wrap(user), wrap(blocked)]);
});

/** All events are about these, so that they meet. */
const ids = fc.constantFrom("a", "b", "c");
const at = fc.integer({ min: now - 3 * day, max: now });
const anyEvent: fc.Arbitrary<StandinEvent> = fc.oneof(
  fc.record({ type: fc.constant("blocked" as const), openid: fc.constant("o1"), blocked: fc.boolean() }),
  fc.record({ type: fc.constant("token" as const), token: ids, expiresAt: at }),
  fc.record({ type: fc.constant("tokens-limited" as const), expiresAt: at }),
  fc.record({ type: fc.constant("template" as const), templateId: ids, keywords: fc.array(ids) }),
  fc.record({ type: fc.constant("grant" as const), openid: fc.constant("o1"), templateId: ids, count: fc.nat(9) }),
  fc.record({
    type: fc.constant("message" as const),
    openid: fc.constant("o1"),
    templateId: ids,
    data: fc.constant({}),
    page: ids,
    at,
  }),
  fc.record({ type: fc.constant("user-refused" as const), outTradeNo: ids }),
  fc.record({ type: fc.constant("closed" as const), outTradeNo: ids }),
  fc.record({ type: fc.constant("order-expired" as const), outTradeNo: ids, at }),
  fc.record({ type: fc.constant("prepay" as const), outTradeNo: ids, prepayId: ids, at }),
  fc.record({
    type: fc.constant("refund-outcome" as const),
    outTradeNo: ids,
    outcome: fc.constantFrom("SUCCESS" as const, "PROCESSING" as const),
  }),
  fc.tuple(fc.uuid(), ids, at).map(([number, outTradeNo, createdAt]) => refund(number, outTradeNo, createdAt)),
  fc.record({
    type: fc.constant("signing" as const),
    answers: fc.constantFrom("asked" as const, "certificate" as const),
    callbacks: fc.constant("public-key" as const),
    certificates: fc.boolean(),
  }),
  fc
    .tuple(ids, fc.nat(99))
    .map(([outTradeNo, amount]) => ({ type: "bill-plant" as const, plant: "amount" as const, outTradeNo, amount })),
  fc.constant({ type: "bill-plants-cleared" as const }),
);

function folded(events: readonly StandinEvent[]): unknown {
  const state = new StandinState();
  for (const event of events) state.apply(event);
  const { users, tokens, templates, grants, messages, pay } = state;
  // A grant that is used up may be there as 0, or not at all.
  const left = [...grants].filter(([, count]) => count !== 0).sort();
  return { users, tokens, templates, left, messages, orders: pay.orders, signing: pay.signing, plants: pay.plants };
}

test("the fold over what is kept is the fold over everything, when nothing is too old", () => {
  const start = [user, ...["a", "b", "c"].map((number) => order(number, now - day))];
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      const all = [...start, ...events];
      const kept = compacted(all);
      assert.deepEqual(folded(kept), folded(all));
      assert.deepEqual(compacted(kept), kept);
    }),
    { numRuns: 300 },
  );
});
