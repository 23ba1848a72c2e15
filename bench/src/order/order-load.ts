import { JsonClient, StandinClient, type Target } from "@sampan/cli/client";

/** One way of ordering, measured. */
export interface LoadCase {
  readonly name: string;
  readonly byWallet: boolean;
  readonly lines: number;
  /** Customers that order at the same time, each one order after the other. */
  readonly customers: number;
}

export interface LoadResult {
  readonly orders: number;
  readonly seconds: number;
  /** Milliseconds from the request to the confirmed order. */
  readonly latencies: readonly number[];
  /** Of some of the orders' requests. */
  readonly traceIds: readonly string[];
}

const price = { amount: "100", currency: "CNY" };

/** A shop with enough of everything, and customers with enough money. */
export class OrderLoad {
  readonly #http: JsonClient;
  readonly #phone: StandinClient;
  readonly #tokens: string[] = [];
  #sequence = 0;

  constructor(target: Pick<Target, "url" | "standinUrl">) {
    this.#http = new JsonClient(target.url, 256);
    this.#phone = new StandinClient(target.standinUrl, 256);
  }

  async prepare(operatorKey: string, customers: number, products: number): Promise<void> {
    const { accessToken: token } = await this.#post<{ accessToken: string }>("/v1/auth/operator", { key: operatorKey });
    const ids = Array.from({ length: products }, (_, index) => `bench-${index}`);
    await this.#post(
      "/v1/products",
      { products: ids.map((productId) => ({ productId, title: productId, price })) },
      token,
    );
    const lines = ids.map((productId) => ({ productId, quantity: "1000000" }));
    await this.#post("/v1/stock", { lines, idempotencyKey: "stock" }, token);
    for (let index = 0; index < customers; index++) {
      const code = await this.#phone.loginCode(`o-bench-${index}`);
      const login = await this.#post<{ accessToken: string; userId: string }>("/v1/auth/login", { code });
      const amount = { amount: "1000000000000", currency: "CNY" };
      await this.#post(`/v1/wallets/${login.userId}:topUp`, { amount, idempotencyKey: "money" }, token);
      this.#tokens.push(login.accessToken);
    }
  }

  async run({ byWallet, lines, customers }: LoadCase, ms: number): Promise<LoadResult> {
    const latencies: number[] = [];
    const traceIds: string[] = [];
    const started = performance.now();
    const customer = async (token: string): Promise<void> => {
      while (performance.now() - started < ms) {
        const begun = performance.now();
        const traceId = await this.#order(token, byWallet, lines);
        latencies.push(performance.now() - begun);
        if (traceIds.length < 300) traceIds.push(traceId);
      }
    };
    await Promise.all(this.#tokens.slice(0, customers).map(customer));
    return { orders: latencies.length, seconds: (performance.now() - started) / 1000, latencies, traceIds };
  }

  close(): void {
    this.#http.close();
    this.#phone.close();
  }

  async #order(token: string, byWallet: boolean, lines: number): Promise<string> {
    const sequence = this.#sequence++;
    const body = {
      lines: Array.from({ length: lines }, (_, index) => ({
        productId: `bench-${(sequence + index) % 100}`,
        quantity: "1",
      })),
      paymentMethod: byWallet ? "PAYMENT_METHOD_WALLET" : "PAYMENT_METHOD_PAY_ORDER",
      idempotencyKey: `bench-${sequence}`,
    };
    const answer = await this.#http.post("/v1/orders", body, { token });
    if (answer.status !== 201)
      throw new Error(`an order was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    const { orderId, payParameters } = answer.body as { orderId: string; payParameters?: { package: string } };
    if (payParameters !== undefined) {
      await this.#phone.pay(payParameters.package.replace("prepay_id=", ""));
      await this.#confirmed(orderId, token);
    }
    return answer.traceId;
  }

  async #confirmed(orderId: string, token: string): Promise<void> {
    for (;;) {
      const { body } = await this.#http.get(`/v1/orders/${orderId}`, { token });
      if ((body as { status: string }).status === "ORDER_STATUS_CONFIRMED") return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async #post<T>(path: string, body: unknown, token?: string): Promise<T> {
    const answer = await this.#http.post(path, body, { token });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }
}
