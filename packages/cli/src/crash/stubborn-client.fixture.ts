import { type JsonAnswer, JsonClient, type JsonRequest } from "../client/json-client.js";
import { StandinClient } from "../client/standin-client.js";
import { within } from "./within.fixture.js";

/** Where a client finds the platform; read at each attempt. */
export interface Address {
  readonly url: string;
  readonly standinUrl: string;
  readonly operatorKey: string;
}

export interface Customer {
  readonly openid: string;
  readonly userId: string;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are JSON; a test reads the fields it expects
  readonly body: any;
}

const giveUpMs = 40_000;

/**
 * A client as a mini program is one: a request without an answer, or with "try again", is sent again with the same
 * idempotency key until there is an answer.
 */
export class StubbornClient {
  readonly #address: Address;
  #http: JsonClient;
  #phone: StandinClient;
  #operator = "";
  /** Requests that had to be sent again. */
  repeats = 0;

  constructor(address: Address) {
    this.#address = address;
    this.#http = new JsonClient(address.url, 64);
    this.#phone = new StandinClient(address.standinUrl, 64);
  }

  /** Anything below 500 is an answer, a refusal too. */
  async request(method: string, path: string, options: JsonRequest = {}): Promise<Answer> {
    const end = performance.now() + giveUpMs;
    for (;;) {
      const answer = await this.#attempt(method, path, options);
      if (answer !== undefined && answer.status < 500) return answer;
      if (performance.now() > end)
        throw new Error(`${method} ${path}: no answer in ${giveUpMs} ms: ${JSON.stringify(answer)}`);
      this.repeats++;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  post(path: string, body: unknown, token?: string): Promise<Answer> {
    return this.request("POST", path, { body, token });
  }

  /** An answer other than `status` is an error of the test. */
  async must(status: number, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    if (answer.status !== status)
      throw new Error(`answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  async operator(): Promise<string> {
    if (this.#operator === "") {
      const { body } = await this.must(200, this.post("/v1/auth/operator", { key: this.#address.operatorKey }));
      this.#operator = body.accessToken;
    }
    return this.#operator;
  }

  /** A code works once, so an attempt without an answer needs a new one. Messages are allowed, as many as a user can allow. */
  async login(openid: string): Promise<Customer> {
    for (let i = 0; i < 100; i++) {
      const code = await this.#play(() => this.#phone.loginCode(openid));
      const { status, body } = await this.post("/v1/auth/login", { code });
      if (status !== 200) continue;
      for (const event of ["confirmed", "cancelled", "expired", "failed", "refunded"]) {
        await this.#play(() => this.#phone.allowMessages(openid, `tpl-order-${event}`, 1000));
      }
      return { openid, userId: body.userId, token: body.accessToken };
    }
    throw new Error(`${openid} could not log in`);
  }

  /** What a user does on the phone with an order's prepay id. `or too late`: it may have expired or been closed. */
  async pay(prepay: string, late?: "or too late"): Promise<void> {
    const answer = await this.#play(() => this.#pay(prepay.replace("prepay_id=", "")));
    const tooLate = answer === "ORDER_CLOSED" || answer === "ORDER_EXPIRED";
    // Paid already: by an attempt whose answer was lost.
    const paid = answer === "" || answer === "ORDERPAID";
    if (!paid && !(tooLate && late !== undefined)) throw new Error(`the phone could not pay: ${answer}`);
  }

  async stock(lines: ReadonlyMap<string, bigint>, price: bigint, currency: string): Promise<void> {
    const token = await this.operator();
    const products = [...lines.keys()].map((productId) => ({
      productId,
      title: `Product ${productId}`,
      price: { amount: String(price), currency },
    }));
    await this.must(201, this.post("/v1/products", { products }, token));
    const pieces = [...lines].map(([productId, quantity]) => ({ productId, quantity: String(quantity) }));
    await this.must(201, this.post("/v1/stock", { lines: pieces, idempotencyKey: "the stock" }, token));
  }

  async topUp(userId: string, amount: bigint, currency: string, key: string): Promise<void> {
    const body = { amount: { amount: String(amount), currency }, idempotencyKey: key };
    await this.must(201, this.post(`/v1/wallets/${userId}:topUp`, body, await this.operator()));
  }

  /** The stand-in's own interface, such as `/_control/faults`. */
  async control(path: string, body: unknown): Promise<void> {
    const http = new JsonClient(this.#address.standinUrl, 1);
    try {
      const { status } = await http.post(path, body);
      if (status >= 300) throw new Error(`${path} answered ${status}`);
    } finally {
      http.close();
    }
  }

  close(): void {
    this.#http.close();
    this.#phone.close();
  }

  async #attempt(method: string, path: string, options: JsonRequest): Promise<JsonAnswer | undefined> {
    try {
      return await this.#http.request(method, path, { timeoutMs: 15_000, ...options });
    } catch {
      return undefined;
    }
  }

  async #pay(prepayId: string): Promise<string> {
    const http = new JsonClient(this.#address.standinUrl, 1);
    try {
      const { status, body } = await http.post("/_control/pay", { prepayId });
      return status === 200 ? "" : ((body as { error?: string }).error ?? `status ${status}`);
    } finally {
      http.close();
    }
  }

  /** An embedded stand-in dies with the platform, and is back with it. */
  async #play<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + giveUpMs;
    for (;;) {
      try {
        return await within(15_000, "the stand-in", work());
      } catch (error) {
        if (performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }
}
