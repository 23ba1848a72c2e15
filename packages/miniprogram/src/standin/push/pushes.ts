import { createHash, randomBytes } from "node:crypto";
import type { JsonObject } from "../../json-fields.js";
import { pushSignature } from "../../wechat/push/push-signature.js";
import type { StandinContext } from "../context.js";
import { Outgoing } from "../http/outgoing.js";
import type { PushAddress } from "../state/events.js";
import { type PushAnswer, readAnswer } from "./push-answer.js";
import { type PushTamper, pushDelivery } from "./push-delivery.js";

/** What to push: an event with its name, or a message of the user with its type. */
export interface Push {
  readonly openid: string;
  readonly event?: string;
  readonly messageType?: string;
  readonly fields?: JsonObject;
}

export interface PushOutcome extends PushAnswer {
  readonly messageId: string;
  /** The HTTP status of each delivery; 0 without an answer. */
  readonly deliveries: readonly number[];
}

/** Connections to the address. */
const maxSockets = 16;

/**
 * Pushes messages to the address that the app has set: one delivery, and at once another for each that is not answered
 * in time, as often as the rules say. Nothing of it outlives the process, as on the real platform.
 */
export class Pushes {
  readonly #context: StandinContext;
  readonly #outgoing: Outgoing;
  #pushed = 0n;

  constructor(context: StandinContext) {
    this.#context = context;
    const { rules, signingClock: clock } = context;
    this.#outgoing = new Outgoing({ maxSockets, timeoutMs: rules.pushTimeoutMs, clock });
  }

  /** Pushes meanwhile, when there is an address. */
  tell(push: Push): void {
    if (this.#context.store.state.pushAddress !== undefined) void this.push(push, {});
  }

  /** Undefined when no address is set. */
  async push(push: Push, tamper: PushTamper): Promise<PushOutcome | undefined> {
    const address = this.#context.store.state.pushAddress;
    if (address === undefined) return undefined;
    return this.#outgoing.track(this.#deliver(this.#message(push), address, tamper));
  }

  /** The platform's check of a new address: whether it gives the text back that it is asked for. */
  async check(address: PushAddress): Promise<boolean> {
    const timestamp = String(Math.floor(this.#context.signingClock.now() / 1000));
    const nonce = String(randomBytes(4).readUInt32BE());
    const echo = randomBytes(8).readBigUInt64BE().toString();
    const signature = pushSignature(address.token, timestamp, nonce);
    const query = new URLSearchParams({ signature, timestamp, nonce, echostr: echo });
    const url = new URL(address.url);
    const path = `${url.pathname}${url.search === "" ? "?" : `${url.search}&`}${query}`;
    const asked = this.#outgoing.to(url.origin).send({ method: "GET", path, repeatable: true });
    return asked.then(
      ({ status, body }) => status === 200 && body.toString("utf8") === echo,
      () => false,
    );
  }

  settled(): Promise<void> {
    return this.#outgoing.settled();
  }

  async close(): Promise<void> {
    await this.#outgoing.close();
  }

  async #deliver(message: JsonObject, address: PushAddress, tamper: PushTamper): Promise<PushOutcome> {
    const { keys, rules } = this.#context;
    const deliveries: number[] = [];
    let answer: PushAnswer = { accepted: false };
    const once = async (): Promise<void> => {
      const { path, body } = pushDelivery(message, address, keys.appId, this.#context.signingClock.now(), tamper);
      const sent = await this.#outgoing
        .to(new URL(address.url).origin)
        .send({ method: "POST", path, body, repeatable: false })
        .catch(() => undefined);
      deliveries.push(sent?.status ?? 0);
      answer =
        sent === undefined
          ? { accepted: false, problem: "no answer in time" }
          : readAnswer(sent.status, sent.body, address, keys.appId);
    };
    while (deliveries.length < rules.pushDeliveries && !answer.accepted) await once();
    for (let i = 0; i < Math.min(10, tamper.duplicates ?? 0); i++) await once();
    return { messageId: String(message.MsgId ?? ""), deliveries, ...answer };
  }

  #message({ openid, event, messageType, fields }: Push): JsonObject {
    const { keys, clock } = this.#context;
    const head = {
      // The account's own name, which is not the app id.
      ToUserName: `gh_${createHash("sha256").update(keys.appId).digest("hex").slice(0, 12)}`,
      FromUserName: openid,
      CreateTime: Math.floor(clock.now() / 1000),
    };
    if (event !== undefined) return { ...head, MsgType: "event", Event: event, ...fields };
    // Unique in this process and, by its time, after a restart; above 2^53, as the real ones are.
    const messageId = BigInt(clock.now()) * 1_000_000n + this.#pushed++;
    return { ...head, MsgType: messageType ?? "text", MsgId: String(messageId), ...fields };
  }
}
