import assert from "node:assert/strict";
import { faultsIn } from "./audit.fixture.js";
import { readBooks, readOutside } from "./books.fixture.js";
import { Installation, type Killable } from "./installation.fixture.js";
import { quiet } from "./quiet.fixture.js";
import type { Scenario, Stage } from "./scenarios.fixture.js";
import { type Customer, StubbornClient } from "./stubborn-client.fixture.js";
import { eventually, within } from "./within.fixture.js";

const productId = "tea";
const stocked = new Map([[productId, 5000n]]);
const price = 250n;

/** One installation, on which order after order is played. The outcome of each is checked when it has ended, the books at the end. */
export class Theatre {
  readonly installation: Killable;
  readonly client: StubbornClient;
  readonly rich: Customer;
  readonly poor: Customer;
  #plays = 0;

  private constructor(installation: Killable, client: StubbornClient, rich: Customer, poor: Customer) {
    this.installation = installation;
    this.client = client;
    this.rich = rich;
    this.poor = poor;
  }

  static async open(standin: "outside" | "embedded"): Promise<Theatre> {
    return Theatre.on(await Installation.create({ standin }));
  }

  /** On an installation that has not been started. */
  static async on(installation: Killable): Promise<Theatre> {
    await installation.start();
    const client = new StubbornClient(installation);
    await client.stock(stocked, price, "CNY");
    const rich = await client.login("o-rich");
    const poor = await client.login("o-poor");
    await client.topUp(rich.userId, 1_000_000n, "CNY", "rich");
    await client.topUp(poor.userId, price, "CNY", "poor");
    return new Theatre(installation, client, rich, poor);
  }

  /** Starts again when the scenario needs another payment window than the running process has. */
  async waitFor({ paymentWindow }: Scenario): Promise<void> {
    if (this.installation.paymentWindow === paymentWindow) return;
    await this.installation.stop();
    await this.installation.start({ paymentWindow });
  }

  /** Plays a scenario to its end and gives the boundaries that it reached, in order. */
  async rehearse(scenario: Scenario): Promise<readonly string[]> {
    const { stage, before } = await this.#prepare(scenario);
    await this.installation.arm({ refuse: scenario.refuse });
    const orderId = await scenario.play(stage, before);
    await this.#ended(scenario, orderId);
    return eventually("the last boundary", async () => {
      const points = await this.installation.points();
      return scenario.end.every((point) => points.includes(point)) ? points : undefined;
    });
  }

  /** Plays a scenario, is killed at a boundary, starts again with what the next scenario needs, and sees the order end. */
  async strike(scenario: Scenario, point: string, nth: number, nextWindow: string | undefined): Promise<void> {
    const { stage, before } = await this.#prepare(scenario);
    await this.installation.arm({ point, nth, refuse: scenario.refuse });
    const ended = this.installation.ended();
    const played = scenario.play(stage, before);
    played.catch(() => {});
    const how = await within(20_000, `reaching ${point}`, ended);
    assert.equal(how, "SIGKILL");
    await this.installation.start({ refuse: scenario.refuse, paymentWindow: nextWindow });
    await this.#ended(scenario, await played);
  }

  /** Waits until nothing is under way, stops, and gives what is wrong with the books. */
  async audit(): Promise<string[]> {
    const orderIds = await quiet(this.client);
    const outside = await readOutside(this.installation.standinUrl, orderIds, [this.rich.openid, this.poor.openid]);
    await this.installation.stop();
    return faultsIn(await readBooks(this.installation.data, stocked, outside), Date.now());
  }

  async close(): Promise<void> {
    this.client.close();
    await this.installation.remove();
  }

  async #prepare(scenario: Scenario): Promise<{ stage: Stage; before: string }> {
    const { client, rich, poor } = this;
    await this.installation.arm({});
    const stage = { client, rich, poor, productId, run: `${this.#plays++}` };
    return { stage, before: (await scenario.before?.(stage)) ?? "" };
  }

  async #ended({ status, refunded }: Scenario, orderId: string): Promise<void> {
    const { client } = this;
    const order = await eventually(`${orderId} being ${status}`, async () => {
      const token = await client.operator();
      const after = Buffer.from(orderId.slice(0, -1), "utf8").toString("base64url");
      const { body } = await client.must(
        200,
        client.request("GET", `/v1/admin/orders?pageSize=1&pageToken=${after}`, { token }),
      );
      const found = body.orders.find((each: { orderId: string }) => each.orderId === orderId);
      return found?.status === status && !/PENDING/.test(JSON.stringify(found.refunds)) ? found : undefined;
    });
    const given =
      refunded === "one piece" ? price : refunded === "everything" && /REFUNDED/.test(status) ? 2n * price : 0n;
    assert.equal(order.refunded.amount, String(given));
  }
}
