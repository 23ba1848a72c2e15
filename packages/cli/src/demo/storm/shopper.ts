import { JsonClient } from "../../client/json-client.js";
import { StandinClient } from "../../client/standin-client.js";

/** How one order went. Times are monotonic ms. */
export interface Order {
  readonly at: number;
  readonly tookMs: number;
  readonly status: number;
  /** Empty when the order was not taken. */
  readonly orderId: string;
}

export interface Shop {
  readonly url: string;
  readonly standinUrl: string;
  readonly operatorKey: string;
}

const price = { amount: "100", currency: "CNY" };
const stock = 1_000_000;
const product = "storm-tea";

/** A customer with enough money who orders one thing after the other over HTTP and pays from the wallet. */
export class Shopper {
  readonly orders: Order[] = [];
  readonly #http: JsonClient;
  readonly #phone: StandinClient;
  readonly #shop: Shop;
  #operator = "";
  #customer = "";
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(shop: Shop) {
    this.#shop = shop;
    this.#http = new JsonClient(shop.url, 16);
    this.#phone = new StandinClient(shop.standinUrl, 4);
  }

  /** Puts the product on the shelf and money into the wallet. */
  async prepare(): Promise<void> {
    const { accessToken: operator } = await this.#post<{ accessToken: string }>("/v1/auth/operator", {
      key: this.#shop.operatorKey,
    });
    this.#operator = operator;
    await this.#post("/v1/products", { products: [{ productId: product, title: "storm tea", price }] }, operator);
    const lines = [{ productId: product, quantity: String(stock) }];
    await this.#post("/v1/stock", { lines, idempotencyKey: "storm" }, operator);
    const code = await this.#phone.loginCode("o-storm");
    const login = await this.#post<{ accessToken: string; userId: string }>("/v1/auth/login", { code });
    const amount = { amount: "1000000000", currency: "CNY" };
    await this.#post(`/v1/wallets/${login.userId}:topUp`, { amount, idempotencyKey: "storm" }, operator);
    this.#customer = login.accessToken;
  }

  start(): void {
    this.#running = this.#shopOn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Orders that were taken and are not confirmed. */
  async unconfirmed(): Promise<readonly string[]> {
    const missing: string[] = [];
    for (const { orderId } of this.orders) {
      if (orderId === "") continue;
      const { body } = await this.#http.get(`/v1/orders/${orderId}`, { token: this.#customer });
      if ((body as { status?: string }).status !== "ORDER_STATUS_CONFIRMED") missing.push(orderId);
    }
    return missing;
  }

  /** Pieces that are neither on the shelf nor reserved nor sold as often as they were ordered. */
  async unaccounted(): Promise<number> {
    const { body } = await this.#http.get("/v1/stock", { token: this.#operator });
    const levels = (body as { levels?: readonly Record<string, string>[] }).levels ?? [];
    const level = levels.find(({ productId }) => productId === product) ?? {};
    const count = (name: string): number => Number(level[name] ?? 0);
    const taken = this.orders.filter(({ orderId }) => orderId !== "").length;
    return Math.abs(stock - count("available") - count("reserved") - count("sold")) + Math.abs(count("sold") - taken);
  }

  close(): void {
    this.#http.close();
    this.#phone.close();
  }

  async #shopOn(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const at = performance.now();
      const body = {
        lines: [{ productId: product, quantity: "1" }],
        paymentMethod: "PAYMENT_METHOD_WALLET",
        idempotencyKey: `storm-${number}`,
      };
      const answer = await this.#http.post("/v1/orders", body, { token: this.#customer });
      const { orderId = "" } = answer.status === 201 ? (answer.body as { orderId?: string }) : {};
      this.orders.push({ at, tookMs: performance.now() - at, status: answer.status, orderId });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #post<T>(path: string, body: unknown, token?: string): Promise<T> {
    const answer = await this.#http.post(path, body, { token });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }
}
