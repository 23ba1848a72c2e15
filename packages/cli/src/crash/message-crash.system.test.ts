import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonClient } from "../client/json-client.js";
import { faultsIn } from "./audit.fixture.js";
import { readBooks, readOutside } from "./books.fixture.js";
import { Installation } from "./installation.fixture.js";
import { quiet } from "./quiet.fixture.js";
import { type Customer, StubbornClient } from "./stubborn-client.fixture.js";
import { eventually } from "./within.fixture.js";

const tokenPath = "/cgi-bin/stable_token";
const sendPath = "/cgi-bin/message/subscribe/send";
const stocked = new Map([["tea", 100n]]);

/** A platform with one customer, and money in the wallet. */
class Shop {
  readonly installation: Installation;
  readonly client: StubbornClient;
  readonly customer: Customer;
  #orders = 0;

  private constructor(installation: Installation, client: StubbornClient, customer: Customer) {
    this.installation = installation;
    this.client = client;
    this.customer = customer;
  }

  static async open(): Promise<Shop> {
    const installation = await Installation.create({ standin: "outside" });
    await installation.start();
    const client = new StubbornClient(installation);
    await client.stock(stocked, 100n, "CNY");
    const customer = await client.login("o-reader");
    await client.topUp(customer.userId, 10_000n, "CNY", "money");
    return new Shop(installation, client, customer);
  }

  /** Gives the id of an order that is confirmed. */
  async order(): Promise<string> {
    const body = {
      lines: [{ productId: "tea", quantity: "1" }],
      paymentMethod: "PAYMENT_METHOD_WALLET",
      idempotencyKey: `${this.#orders++}`,
    };
    return (await this.client.must(201, this.client.post("/v1/orders", body, this.customer.token))).body.orderId;
  }

  /** What the platform's own log says of an order's message, as soon as it says that. */
  async noticeIs(orderId: string, status: string): Promise<void> {
    await eventually(`the notice of ${orderId} being ${status}`, async () => {
      const { body } = await this.client.request("GET", "/v1/notifications", { token: this.customer.token });
      const found = body.notifications.find((notice: { orderId: string }) => notice.orderId === orderId);
      return found?.status === `DELIVERY_STATUS_${status}` ? true : undefined;
    });
  }

  async messagesOf(orderId: string): Promise<number> {
    const { messages } = await readOutside(this.installation.standinUrl, [], [this.customer.openid]);
    return messages.filter((message) => message.orderId === orderId).length;
  }

  /**
   * The kill may have come before the request, or while it was in flight: the attempt is committed before both. A fault
   * that is still waiting then would meet the next message instead, so a request of nobody takes it.
   */
  async takeFault(path: string): Promise<"before the request" | "in flight"> {
    const http = new JsonClient(this.installation.standinUrl, 1);
    try {
      return await http.post(path, {}, { timeoutMs: 300 }).then(
        () => "in flight",
        () => "before the request",
      );
    } finally {
      http.close();
    }
  }

  async restart(): Promise<void> {
    await this.installation.kill();
    await this.installation.start();
  }

  /** Stops when nothing is under way: every event was consumed then, also those that came a second time. */
  async audit(): Promise<string[]> {
    const orderIds = await quiet(this.client);
    await this.installation.stop();
    const outside = await readOutside(this.installation.standinUrl, orderIds, [this.customer.openid]);
    return faultsIn(await readBooks(this.installation.data, stocked, outside), Date.now());
  }

  async close(): Promise<void> {
    this.client.close();
    await this.installation.remove();
  }
}

/** Other messages go on, a second restart changes nothing, and of this one so many have arrived. */
async function staysUnknown(shop: Shop, orderId: string, arrived: number): Promise<void> {
  await shop.noticeIs(orderId, "UNKNOWN");
  const next = await shop.order();
  await shop.noticeIs(next, "SENT");
  await shop.restart();
  await shop.noticeIs(orderId, "UNKNOWN");
  assert.equal(await shop.messagesOf(orderId), arrived);
  assert.equal(await shop.messagesOf(next), 1);
}

async function inShop(play: (shop: Shop) => Promise<void>): Promise<void> {
  const shop = await Shop.open();
  try {
    await play(shop);
    assert.deepEqual(await shop.audit(), []);
  } finally {
    await shop.close();
  }
}

test("a kill between the commit of an attempt and its sending: marked unknown, never sent", () =>
  inShop(async (shop) => {
    // The access token is fetched after the attempt is committed and before the message goes: there the platform hangs.
    await shop.client.control("/_control/faults", { kind: "hang", path: tokenPath });
    const orderId = await shop.order();
    // Readable by the user while nothing was sent: that is what "committed before" means.
    await shop.noticeIs(orderId, "SENDING");
    await shop.installation.kill();
    await shop.takeFault(tokenPath);
    await shop.installation.start();
    await staysUnknown(shop, orderId, 0);
  }));

test("a kill while a message is in flight: marked unknown, and not sent again", (t) =>
  inShop(async (shop) => {
    await shop.noticeIs(await shop.order(), "SENT");
    await shop.client.control("/_control/faults", { kind: "hang", path: sendPath });
    const orderId = await shop.order();
    await shop.noticeIs(orderId, "SENDING");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await shop.installation.kill();
    t.diagnostic(`killed ${await shop.takeFault(sendPath)}`);
    await shop.installation.start();
    await staysUnknown(shop, orderId, 0);
  }));

test("a message that arrived although its answer was lost is not sent again, not after a kill either", () =>
  inShop(async (shop) => {
    await shop.client.control("/_control/faults", { kind: "drop-after", path: sendPath });
    const orderId = await shop.order();
    await shop.noticeIs(orderId, "UNKNOWN");
    await shop.restart();
    await staysUnknown(shop, orderId, 1);
  }));

test("a message that the platform was too busy for is sent later, once, and a kill in between changes nothing", () =>
  inShop(async (shop) => {
    await shop.client.control("/_control/faults", { kind: "busy", path: sendPath, times: 2 });
    const orderId = await shop.order();
    await shop.noticeIs(orderId, "WAITING");
    await shop.restart();
    await shop.noticeIs(orderId, "SENT");
    assert.equal(await shop.messagesOf(orderId), 1);
  }));
