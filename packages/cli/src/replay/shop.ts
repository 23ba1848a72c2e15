import { ClientSession, type Granted } from "../client/client-session.js";
import { type JsonAnswer, JsonClient } from "../client/json-client.js";
import { StandinClient } from "../client/standin-client.js";
import type { Target } from "../client/target.js";
import { CommandError } from "../command/command-error.js";
import { inParallel } from "./in-parallel.js";
import type { PlannedOrder, PlannedProduct, PlannedRefund } from "./plan.js";

/** The file's currency. */
export const currency = "GBP";

export interface Placed {
  readonly orderId: string;
  /** Of the customer. */
  readonly session: ClientSession;
}

interface Customer {
  readonly session: ClientSession;
  readonly userId: string;
}

/** The platform's answer when it is not the one that was hoped for. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/**
 * The shop of one replay, over the gateway only. Ids carry the run's name, so that a platform can be replayed on again.
 */
export class Shop {
  readonly #http: JsonClient;
  readonly #phone: StandinClient;
  readonly #run: string;
  readonly #operatorKey: string;
  #operator: ClientSession | undefined;
  readonly #users = new Map<string, Promise<Customer>>();

  constructor(target: Target, run: string, concurrency: number) {
    this.#http = new JsonClient(target.url, concurrency);
    this.#phone = new StandinClient(target.standinUrl, concurrency);
    this.#run = run;
    this.#operatorKey = target.operatorKey;
  }

  productId(id: string): string {
    return this.#run === "" ? id : `${id}-${this.#run}`;
  }

  async open(): Promise<void> {
    const { body } = this.#expect(200, await this.#http.post("/v1/auth/operator", { key: this.#operatorKey }));
    this.#operator = new ClientSession(this.#http, body as Granted);
  }

  async stock(products: readonly PlannedProduct[]): Promise<void> {
    const pieces = 500;
    for (let start = 0; start < products.length; start += pieces) {
      const some = products.slice(start, start + pieces);
      const listed = some.map(({ productId, title, price }) => ({
        productId: this.productId(productId),
        title,
        price: { amount: String(price), currency },
      }));
      await this.#post("/v1/products", { products: listed }, this.#operator);
      const lines = some.map(({ productId, stock }) => ({
        productId: this.productId(productId),
        quantity: String(stock),
      }));
      const idempotencyKey = `stock-${this.#run}-${start}`;
      await this.#post("/v1/stock", { lines, idempotencyKey }, this.#operator);
    }
  }

  /** Places an order and pays it, from the wallet or through the platform. Gives the milliseconds until it was confirmed. */
  async place(order: PlannedOrder, byWallet: boolean): Promise<{ readonly placed: Placed; readonly ms: number }> {
    const { session, userId } = await this.#user(order.customer);
    if (byWallet) {
      const body = {
        amount: { amount: String(order.total), currency },
        idempotencyKey: `${this.#run}-${order.invoice}`,
      };
      await this.#post(`/v1/wallets/${userId}:topUp`, body, this.#operator);
    }
    const started = performance.now();
    const answer = await this.#post(
      "/v1/orders",
      {
        lines: order.lines.map(({ productId, quantity }) => ({
          productId: this.productId(productId),
          quantity: String(quantity),
        })),
        paymentMethod: byWallet ? "PAYMENT_METHOD_WALLET" : "PAYMENT_METHOD_PAY_ORDER",
        idempotencyKey: `${this.#run}-${order.invoice}`,
      },
      session,
    );
    const { orderId, payParameters } = answer.body as {
      orderId: string;
      payParameters?: { package: string };
    };
    if (payParameters !== undefined) await this.#phone.pay(payParameters.package.replace("prepay_id=", ""));
    await this.#confirmed(orderId, session);
    return { placed: { orderId, session }, ms: performance.now() - started };
  }

  async refund(refund: PlannedRefund, { orderId, session }: Placed): Promise<void> {
    const body = {
      lines: refund.lines.map(({ productId, quantity }) => ({
        productId: this.productId(productId),
        quantity: String(quantity),
      })),
      reason: refund.cancellation,
      idempotencyKey: `${this.#run}-${refund.cancellation}-${refund.invoice}`,
    };
    const answer = await this.#post(`/v1/orders/${orderId}:refund`, body, session);
    const { status } = (answer.body as { refund: { status: string } }).refund;
    if (status !== "REFUND_STATUS_DONE") throw new Refused(`the refund is ${status}`);
  }

  async ledger(): Promise<{ readonly charged: bigint; readonly refunded: bigint; readonly payments: bigint }> {
    const { body } = await this.#get("/v1/admin/ledger", this.#operator);
    const sums = (body as { sums: { currency: string; charged: string; refunded: string; payments: string }[] }).sums;
    const ours = sums.find((each) => each.currency === currency);
    return {
      charged: BigInt(ours?.charged ?? 0),
      refunded: BigInt(ours?.refunded ?? 0),
      payments: BigInt(ours?.payments ?? 0),
    };
  }

  /** Pieces by product, of everything that the shop has ever stocked. */
  async levels(): Promise<
    Map<string, { readonly available: bigint; readonly reserved: bigint; readonly sold: bigint }>
  > {
    const found = new Map<string, { available: bigint; reserved: bigint; sold: bigint }>();
    let token = "";
    do {
      const path = `/v1/stock?pageSize=1000&pageToken=${encodeURIComponent(token)}`;
      const { body } = await this.#get(path, this.#operator);
      const page = body as {
        levels: { productId: string; available: string; reserved: string; sold: string }[];
        nextPageToken: string;
      };
      for (const { productId, available, reserved, sold } of page.levels) {
        found.set(productId, { available: BigInt(available), reserved: BigInt(reserved), sold: BigInt(sold) });
      }
      token = page.nextPageToken;
    } while (token !== "");
    return found;
  }

  /** Logs all customers in, so that their logins are not part of the orders' times. */
  async welcome(customers: readonly string[], concurrency: number): Promise<void> {
    await inParallel(customers, concurrency, async (customer) => void (await this.#user(customer)));
  }

  close(): void {
    this.#http.close();
    this.#phone.close();
  }

  #user(customer: string): Promise<Customer> {
    let user = this.#users.get(customer);
    if (user === undefined) {
      user = this.#login(customer);
      this.#users.set(customer, user);
    }
    return user;
  }

  async #login(customer: string): Promise<Customer> {
    const code = await this.#phone.loginCode(this.#run === "" ? customer : `${customer}-${this.#run}`);
    const { body } = this.#expect(200, await this.#http.post("/v1/auth/login", { code }));
    return { session: new ClientSession(this.#http, body as Granted), userId: (body as { userId: string }).userId };
  }

  /** The callback confirms in the background: asked again until it has. */
  async #confirmed(orderId: string, session: ClientSession): Promise<void> {
    const end = performance.now() + 30_000;
    for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 100)) {
      const { body } = await this.#get(`/v1/orders/${orderId}`, session);
      const { status, failureReason } = body as { status: string; failureReason: string };
      if (status === "ORDER_STATUS_CONFIRMED") return;
      if (status !== "ORDER_STATUS_PENDING" && status !== "ORDER_STATUS_AWAITING_PAYMENT") {
        throw new Refused(`the order is ${status} ${failureReason}`);
      }
      if (performance.now() > end)
        throw new CommandError(`order ${orderId} was not confirmed in 30 s: it is ${status}`);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  async #post(path: string, body: unknown, by: ClientSession | undefined): Promise<JsonAnswer> {
    return this.#expect(201, await this.#http.post(path, body, await by?.credentials()));
  }

  async #get(path: string, by: ClientSession | undefined): Promise<JsonAnswer> {
    return this.#expect(200, await this.#http.get(path, await by?.credentials()));
  }

  #expect(status: number, answer: JsonAnswer): JsonAnswer {
    if (answer.status === status) return answer;
    const message = (answer.body as { message?: string } | undefined)?.message ?? JSON.stringify(answer.body);
    throw new Refused(`${answer.status}: ${message}`);
  }
}
