import { inParallel } from "../replay/in-parallel.js";
import { orderIdOf } from "./scenarios.fixture.js";
import type { Answer, Customer, StubbornClient } from "./stubborn-client.fixture.js";

/** What one client will do; all of it is decided before anything is sent, so a seed gives the same plan again. */
export interface PlannedWay {
  readonly key: string;
  readonly customer: number;
  readonly lines: readonly { readonly productId: string; readonly quantity: string }[];
  readonly method: "WALLET" | "PAY_ORDER";
  /** What the user does with an order that waits for its payment. */
  readonly whenAsked: "pay" | "cancel" | "nothing";
  readonly refund: boolean;
}

export const products = ["tea", "rice", "silk", "salt", "rare"] as const;
export const customers = 12;

function planWay(index: number, random: () => number): PlannedWay {
  const count = 1 + Math.floor(random() * 3);
  const lines = Array.from({ length: count }, () => ({
    productId: products[Math.floor(random() * products.length)] as string,
    quantity: String(1 + Math.floor(random() * 3)),
  }));
  const mood = random();
  return {
    key: `order ${index}`,
    customer: Math.floor(random() * customers),
    lines,
    method: random() < 0.5 ? "WALLET" : "PAY_ORDER",
    whenAsked: mood < 0.75 ? "pay" : mood < 0.9 ? "cancel" : "nothing",
    refund: random() < 0.2,
  };
}

/** What became of a key: the order that it stands for; undefined when nothing was ordered, for want of stock. */
export type Outcome = ReadonlyMap<PlannedWay, string | undefined>;

/** Plays ways, so many at a time, for as long as `more` says. */
export async function playLoad(
  client: StubbornClient,
  people: readonly Customer[],
  random: () => number,
  concurrency: number,
  more: (played: number) => boolean,
): Promise<Outcome> {
  const outcome = new Map<PlannedWay, string | undefined>();
  const worker = async (): Promise<void> => {
    while (more(outcome.size)) {
      const way = planWay(outcome.size, random);
      outcome.set(way, undefined);
      outcome.set(way, await playWay(client, people[way.customer] as Customer, way));
    }
  };
  await inParallel(Array.from({ length: concurrency }), concurrency, worker);
  return outcome;
}

export function placeOrder(client: StubbornClient, customer: Customer, way: PlannedWay): Promise<Answer> {
  const { lines, method, key } = way;
  const body = { lines, paymentMethod: `PAYMENT_METHOD_${method}`, idempotencyKey: key };
  return client.post("/v1/orders", body, customer.token);
}

async function playWay(client: StubbornClient, customer: Customer, way: PlannedWay): Promise<string | undefined> {
  const { token } = customer;
  const answer = await placeOrder(client, customer, way);
  if (answer.status !== 201 && reasonOf(answer) === "OUT_OF_STOCK") return undefined;
  const orderId = orderIdOf(answer);
  if (answer.status !== 201) return orderId;
  const waits = answer.body.payParameters !== undefined;
  if (waits && way.whenAsked === "pay") await client.pay(answer.body.payParameters.package, "or too late");
  // The order may have expired meanwhile, which is an answer too.
  if (waits && way.whenAsked === "cancel") await client.post(`/v1/orders/${orderId}:cancel`, {}, token);
  if (way.refund) {
    const { body } = await client.request("GET", `/v1/orders/${orderId}`, { token });
    if (body.status === "ORDER_STATUS_CONFIRMED") {
      const lines = [{ productId: way.lines[0]?.productId, quantity: "1" }];
      const asked = { lines, reason: "changed my mind", idempotencyKey: `refund of ${way.key}` };
      await client.must(201, client.post(`/v1/orders/${orderId}:refund`, asked, token));
    }
  }
  return orderId;
}

function reasonOf({ body }: Answer): string {
  return body.details?.find((detail: { reason?: string }) => detail.reason !== undefined)?.reason ?? "";
}
