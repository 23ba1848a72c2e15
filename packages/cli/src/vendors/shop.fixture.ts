import assert from "node:assert/strict";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { JsonClient } from "../client/json-client.js";
import { type Platform, startPlatform } from "../platform/start-platform.js";
import { CallbackRelay } from "./callback-relay.fixture.js";

export type VendorName = "wechat" | "alipay" | "douyin";

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which each test reads what it expects
type Json = any;

/** The whole platform on the stand-in of one vendor, with tea at 1.00 CNY and one user who is logged in. */
export class Shop {
  readonly vendor: VendorName;
  readonly relay: CallbackRelay;
  readonly #platform: Platform;
  readonly #door: JsonClient;
  readonly #phone: JsonClient;
  readonly openid = "o-same-everywhere";
  userId = "";
  #user = "";
  #operator = "";

  private constructor(vendor: VendorName, platform: Platform, relay: CallbackRelay) {
    this.vendor = vendor;
    this.relay = relay;
    this.#platform = platform;
    this.#door = new JsonClient(platform.url);
    this.#phone = new JsonClient(platform.standinUrl);
  }

  static async open(vendor: VendorName, data: string): Promise<Shop> {
    const relay = await CallbackRelay.listen();
    const platform = await startPlatform({
      data,
      port: 0,
      env: {},
      run: { signals: false },
      set: {
        process: { logLevel: "error", adminPort: -1, verifyMessages: true },
        payment: { notifyUrl: relay.url },
        platform: { standinAs: vendor },
      },
    });
    relay.target = platform.url;
    const shop = new Shop(vendor, platform, relay);
    const { accessToken } = await shop.#call(200, "POST", "/v1/auth/operator", { key: platform.folder.operatorKey });
    shop.#operator = accessToken;
    const price = { amount: "100", currency: "CNY" };
    const productId = `tea-${vendor}`;
    await shop.asOperator(201, "POST", "/v1/products", { products: [{ productId, title: "龙井茶", price }] });
    const stock = { lines: [{ productId, quantity: "1000" }], idempotencyKey: vendor };
    await shop.asOperator(201, "POST", "/v1/stock", stock);
    const { code } = await shop.onPhone(201, "login-codes", { openid: shop.openid });
    const login = await shop.#call(200, "POST", "/v1/auth/login", { code });
    shop.#user = login.accessToken;
    shop.userId = login.userId;
    return shop;
  }

  asUser(status: number, method: string, path: string, body?: object): Promise<Json> {
    return this.#call(status, method, path, body, this.#user);
  }

  asOperator(status: number, method: string, path: string, body?: object): Promise<Json> {
    return this.#call(status, method, path, body, this.#operator);
  }

  /** Something a person does on the phone, or a look at what the vendor knows. WeChat is whom no request names. */
  async onPhone(status: number, path: string, body?: object): Promise<Json> {
    const named = this.vendor === "wechat" ? {} : { platform: this.vendor };
    const query = body === undefined && this.vendor !== "wechat" ? `?platform=${this.vendor}` : "";
    const answer =
      body === undefined
        ? await this.#phone.get(`/_control/${path}${query}`)
        : await this.#phone.post(`/_control/${path}`, { ...named, ...body });
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Places an order for two that waits for its payment. Gives what the client got. */
  async order(idempotencyKey: string): Promise<{ readonly orderId: string; readonly payParameters: Json }> {
    const lines = [{ productId: `tea-${this.vendor}`, quantity: "2" }];
    const body = { lines, paymentMethod: "PAYMENT_METHOD_PAY_ORDER", idempotencyKey };
    return this.asUser(201, "POST", "/v1/orders", body);
  }

  /** The client calls the vendor's payment with just what it was given, and the person agrees. */
  pay(clientParameters: Json, tamper: object = {}): Promise<Json> {
    const prepayId = String(clientParameters.package).replace("prepay_id=", "");
    return this.onPhone(200, "pay", { ...(this.vendor === "wechat" ? { prepayId } : { clientParameters }), tamper });
  }

  /** The vendor sends the callback of a paid order once more. Gives what it was answered. */
  async again(orderId: string, tamper: object = {}) {
    await this.onPhone(200, `orders/${orderId}/callback`, { tamper });
    return this.relay.exchanges.at(-1) ?? assert.fail("no callback came");
  }

  async statusOf(orderId: string): Promise<string> {
    return (await this.asUser(200, "GET", `/v1/orders/${orderId}`)).status;
  }

  async payment(orderId: string): Promise<Json> {
    const { payments } = await this.asOperator(200, "GET", "/v1/admin/payments?pageSize=200");
    return payments.find((each: Json) => each.orderId === orderId);
  }

  /** What the books say altogether. */
  async ledger(): Promise<Json> {
    return (await this.asOperator(200, "GET", "/v1/admin/ledger")).sums;
  }

  /** How our own user is known to the other services. */
  async user(): Promise<Json> {
    const runtime = this.#platform.process.runtime("test");
    const { userId } = this;
    return (await runtime.run({ name: "test" }, (call) => call.to(UserService).getUser({ userId }))).user;
  }

  async close(): Promise<void> {
    this.#door.close();
    this.#phone.close();
    await this.#platform.stop();
    await this.#platform.stopped;
    await this.relay.close();
  }

  async #call(status: number, method: string, path: string, body?: object, token?: string): Promise<Json> {
    const answer = await this.#door.request(method, path, { body, token });
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Gives the value when it is there. */
export async function soon<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen`);
}
