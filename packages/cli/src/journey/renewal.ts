import { Progress } from "../replay/progress.js";
import type { Identities } from "../split/identities.js";
import type { CertificateWatch } from "./certificate-watch.js";
import { type Day, price } from "./play.js";
import { expect, type Journey } from "./steps.js";

/** How often every process must have changed its certificate before the journey ends. */
const leastRotations = 2;

export interface RenewalOptions {
  readonly journey: Journey;
  readonly day: Day;
  readonly watch: CertificateWatch;
  readonly identities: Identities;
}

const customers = 3;
const restMs = 10;
const lookEveryMs = 250;
const money = 1_000_000_000n;
const pieces = 100_000;
/** Of orders that are paid through the platform: one in so many. */
const paidThrough = 8;

/**
 * Orders go on, several at a time, until every process has renewed its certificate often enough, and shows one that is
 * signed below the root that came meanwhile. Every order must be confirmed; money and stock must add up. Gives the number
 * of orders.
 */
export async function playRenewal({ journey, day, watch, identities }: RenewalOptions): Promise<number> {
  const { run, productId, operator, user, userId } = day;
  let over = false;
  let orders = 0;
  const available = async (): Promise<bigint> => {
    const path = `/v1/stock/${productId}:check?quantity=1`;
    return BigInt((await journey.call<{ available: string }>(200, "GET", path)).available);
  };
  const balance = async (): Promise<bigint> => {
    const { balances } = await journey.call<{ balances: { amount: string }[] }>(200, "GET", "/v1/wallet", { by: user });
    return BigInt(balances[0]?.amount ?? 0);
  };

  await journey.step("the shop is stocked for many orders", async () => {
    const amount = { amount: String(money), currency: "CNY" };
    const body = { amount, idempotencyKey: `many-${run}` };
    await journey.call(201, "POST", `/v1/wallets/${userId}:topUp`, { by: operator, body });
    const lines = [{ productId, quantity: String(pieces) }];
    await journey.call(201, "POST", "/v1/stock", { by: operator, body: { lines, idempotencyKey: `many-${run}` } });
  });
  const [stockBefore, moneyBefore] = [await available(), await balance()];
  let fromWallet = 0n;

  const order = async (): Promise<void> => {
    const number = orders++;
    const byWallet = number % paidThrough !== 0;
    if (byWallet) fromWallet++;
    const { orderId, payParameters } = await journey.call<{ orderId: string; payParameters?: { package: string } }>(
      201,
      "POST",
      "/v1/orders",
      {
        by: user,
        body: {
          lines: [{ productId, quantity: "1", unitPrice: price }],
          paymentMethod: byWallet ? "PAYMENT_METHOD_WALLET" : "PAYMENT_METHOD_PAY_ORDER",
          idempotencyKey: `many-${run}-${number}`,
        },
      },
    );
    if (payParameters !== undefined) {
      const prepayId = payParameters.package.replace("prepay_id=", "");
      expect("callback status", await journey.phone.pay(prepayId), 200);
    }
    await journey.eventually(
      `confirmation of order ${orderId}`,
      () => journey.call<{ status: string }>(200, "GET", `/v1/orders/${orderId}`, { by: user }),
      ({ status }) => status === "ORDER_STATUS_CONFIRMED",
    );
  };
  const customer = async (): Promise<void> => {
    while (!over) {
      await order();
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  };

  await journey.step("orders go on while every certificate, and the root, is renewed", async () => {
    await identities.authority.rotateRoot();
    const shopping = Array.from({ length: customers }, customer);
    // One that fails ends the step at once, not when the others have ended.
    const failed = Promise.all(shopping);
    failed.catch(() => {});
    try {
      await Promise.race([failed, untilRenewed(watch, identities)]);
    } finally {
      over = true;
      await Promise.allSettled(shopping);
    }
    await failed;
  });
  await journey.step("every order has taken one piece and its price, once", async () => {
    expect("stock", String(await available()), String(stockBefore - BigInt(orders)));
    expect("balance", String(await balance()), String(moneyBefore - fromWallet * BigInt(price.amount)));
  });
  return orders;
}

async function untilRenewed(watch: CertificateWatch, { authority, lifeMs }: Identities): Promise<void> {
  const names = [...watch.seen.keys()];
  const progress = new Progress("renewals", names.length * leastRotations);
  const end = performance.now() + 4 * lifeMs + 30_000;
  let shown = 0;
  try {
    for (;;) {
      await watch.look();
      const counts = names.map((name) => Math.min(leastRotations, watch.rotations(name)));
      for (const sum = counts.reduce((a, b) => a + b, 0); shown < sum; shown++) progress.advance();
      const { roots, intermediates } = authority.state;
      const newest = intermediates.at(-1);
      const followed = watch.servers.every(([name]) => watch.seen.get(name)?.signers.has(hex(newest?.serial)) === true);
      if (shown === names.length * leastRotations && newest?.root === roots.at(-1)?.serial && followed) return;
      if (performance.now() > end) {
        const late = names.map((name) => `${name} ${watch.rotations(name)}`).join(", ");
        throw new Error(`not every process has renewed its certificate in time: ${late}`);
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  } finally {
    progress.end();
  }
}

/** As Node writes serial numbers. */
function hex(serial: string | undefined): string {
  return (serial ?? "").toUpperCase();
}
