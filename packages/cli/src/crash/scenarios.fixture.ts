import type { Answer, Customer, StubbornClient } from "./stubborn-client.fixture.js";
import { eventually } from "./within.fixture.js";

/** What a scenario plays with. */
export interface Stage {
  readonly client: StubbornClient;
  /** Has money in the wallet. */
  readonly rich: Customer;
  readonly poor: Customer;
  readonly productId: string;
  /** Unique in the installation: idempotency keys are made of it. */
  readonly run: string;
}

/** One order's way, played by clients that repeat what was not answered. */
export interface Scenario {
  readonly name: string;
  /** An inventory method that refuses this order. */
  readonly refuse?: string;
  readonly paymentWindow?: string;
  /** What happens before the process may be killed. Gives the order. */
  readonly before?: (stage: Stage) => Promise<string>;
  /** What happens while it may be killed; gives the order. */
  play(stage: Stage, before: string): Promise<string>;
  /** How the order ends, whatever was killed. */
  readonly status: string;
  /** Of what was paid, what was given back in the end. */
  readonly refunded: "nothing" | "everything" | "one piece";
  /** The last boundaries that the scenario reaches. */
  readonly end: readonly string[];
}

const quantity = 2n;

function create(
  { client, productId, run }: Stage,
  customer: Customer,
  method: "WALLET" | "PAY_ORDER",
): Promise<Answer> {
  const body = {
    lines: [{ productId, quantity: String(quantity) }],
    paymentMethod: `PAYMENT_METHOD_${method}`,
    idempotencyKey: `order ${run}`,
  };
  return client.post("/v1/orders", body, customer.token);
}

/** The id of an order, also of one that failed: the same request must name the same order however it ends. */
export function orderIdOf({ status, body }: Answer): string {
  if (status === 201) return body.orderId;
  const info = body.details.find((detail: { reason?: string }) => detail.reason === "ORDER_FAILED");
  if (info === undefined) throw new Error(`no order: ${status} ${JSON.stringify(body)}`);
  return info.metadata.order;
}

async function created(stage: Stage, customer: Customer, method: "WALLET" | "PAY_ORDER"): Promise<string> {
  return orderIdOf(await create(stage, customer, method));
}

async function paid(stage: Stage): Promise<string> {
  const { body } = await stage.client.must(201, create(stage, stage.rich, "PAY_ORDER"));
  await stage.client.pay(body.payParameters.package);
  return body.orderId;
}

async function confirmed(stage: Stage, orderId: string): Promise<string> {
  const path = `/v1/orders/${orderId}`;
  await eventually("the confirmation", async () => {
    const { body } = await stage.client.must(200, stage.client.request("GET", path, { token: stage.rich.token }));
    return body.status === "ORDER_STATUS_CONFIRMED" ? true : undefined;
  });
  return orderId;
}

async function cancel({ client, rich }: Stage, orderId: string): Promise<void> {
  await client.must(200, client.post(`/v1/orders/${orderId}:cancel`, {}, rich.token));
}

async function refund({ client, rich, run }: Stage, orderId: string, lines: readonly object[]): Promise<void> {
  const body = { lines, reason: "the test wants it", idempotencyKey: `refund ${run}` };
  await client.must(201, client.post(`/v1/orders/${orderId}:refund`, body, rich.token));
}

export const scenarios: readonly Scenario[] = [
  {
    name: "paid from the wallet",
    play: (stage) => created(stage, stage.rich, "WALLET"),
    status: "ORDER_STATUS_CONFIRMED",
    refunded: "nothing",
    end: ["place-order/confirm:after-commit"],
  },
  {
    name: "not enough in the wallet",
    play: (stage) => created(stage, stage.poor, "WALLET"),
    status: "ORDER_STATUS_FAILED",
    refunded: "nothing",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "charged, and then not confirmed",
    refuse: "Confirm",
    play: (stage) => created(stage, stage.rich, "WALLET"),
    status: "ORDER_STATUS_FAILED",
    refunded: "everything",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "sold out at the last moment",
    refuse: "Reserve",
    play: (stage) => created(stage, stage.rich, "WALLET"),
    status: "ORDER_STATUS_FAILED",
    refunded: "nothing",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "paid through the platform",
    play: (stage) => paid(stage),
    status: "ORDER_STATUS_CONFIRMED",
    refunded: "nothing",
    end: ["place-order/confirm:after-commit"],
  },
  {
    name: "cancelled before it was paid",
    async play(stage) {
      const orderId = await created(stage, stage.rich, "PAY_ORDER");
      await cancel(stage, orderId);
      return orderId;
    },
    status: "ORDER_STATUS_CANCELLED",
    refunded: "nothing",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "not paid in time",
    paymentWindow: "1s",
    play: (stage) => created(stage, stage.rich, "PAY_ORDER"),
    status: "ORDER_STATUS_EXPIRED",
    refunded: "nothing",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "paid through the platform, and then not confirmed",
    refuse: "Confirm",
    play: (stage) => paid(stage),
    status: "ORDER_STATUS_FAILED",
    refunded: "everything",
    end: ["place-order/reserve:after-compensate-commit"],
  },
  {
    name: "refunded to the wallet",
    before: (stage) => created(stage, stage.rich, "WALLET"),
    async play(stage, orderId) {
      await refund(stage, orderId, []);
      return orderId;
    },
    status: "ORDER_STATUS_REFUNDED",
    refunded: "everything",
    end: ["refund-order/restock:after-commit"],
  },
  {
    name: "one piece refunded through the platform",
    before: async (stage) => confirmed(stage, await paid(stage)),
    async play(stage, orderId) {
      await refund(stage, orderId, [{ productId: stage.productId, quantity: "1" }]);
      return orderId;
    },
    status: "ORDER_STATUS_CONFIRMED",
    refunded: "one piece",
    end: ["refund-order/restock:after-commit"],
  },
  {
    name: "paid while it was being cancelled",
    async play(stage) {
      const { client, rich } = stage;
      const { body } = await client.must(201, create(stage, rich, "PAY_ORDER"));
      const { orderId, payParameters } = body;
      // The platform cannot close the order for a while, so the user can still pay it.
      const path = `/v3/pay/transactions/out-trade-no/${orderId}/close`;
      await client.control("/_control/faults", { kind: "busy", path, times: 3 });
      const cancelled = cancel(stage, orderId);
      cancelled.catch(() => {});
      await eventually("the void", async () =>
        (await paymentOf(stage, orderId)) === "PAYMENT_STATUS_VOIDED" ? true : undefined,
      );
      await client.pay(payParameters.package);
      await cancelled;
      return orderId;
    },
    status: "ORDER_STATUS_CANCELLED",
    refunded: "everything",
    end: ["place-order/reserve:after-compensate-commit", "give-back/refund:after-commit"],
  },
];

async function paymentOf({ client }: Stage, orderId: string): Promise<string | undefined> {
  // Payments are listed by order id, and a page may start behind any id: behind the one just before this order's.
  const token = Buffer.from(orderId.slice(0, -1), "utf8").toString("base64url");
  const path = `/v1/admin/payments?pageSize=200&pageToken=${token}`;
  const { body } = await client.must(200, client.request("GET", path, { token: await client.operator() }));
  return body.payments.find((payment: { orderId: string }) => payment.orderId === orderId)?.status;
}
