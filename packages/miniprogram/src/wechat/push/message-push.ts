import { type Clock, silentLogger, systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue, Logger } from "@sampan/core/ports";
import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, parseObject, textField } from "../../json-fields.js";
import type { MessagePush, PushedMessage, PushHandler, PushReply, PushRequest } from "../../push.js";
import { HandledMessages } from "./handled-messages.js";
import { pushKeys, pushProblems, type WeChatPushConfiguration } from "./push-configuration.js";
import { openPush, sealPush } from "./push-envelope.js";
import { isPushSignature, pushSignature } from "./push-signature.js";
import { pushedMessage } from "./pushed-message.js";

export interface WeChatPushDependencies {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where the instances that receive for the app share what was handled. Default the memory of this process. */
  readonly keyValue?: KeyValue;
}

/** Longer bodies are refused; the vendor's are a few hundred bytes. */
const longestBody = 64 * 1024;

/** WeChat's message push. Throws `CONFIGURATION_INVALID` with every problem at once, none of which repeats a secret. */
export function wechatPush(
  configuration: WeChatPushConfiguration,
  dependencies: WeChatPushDependencies = {},
): MessagePush {
  return new WeChatPush(configuration, dependencies);
}

class WeChatPush implements MessagePush {
  readonly #appId: string;
  readonly #token: string;
  /** The one to encrypt with first; none in plain mode. */
  readonly #keys: readonly Buffer[];
  readonly #windowMs: number;
  readonly #replyWithinMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #handled: HandledMessages;

  constructor(configuration: WeChatPushConfiguration, dependencies: WeChatPushDependencies) {
    const problems = pushProblems(configuration);
    if (problems.length > 0) throw MiniProgramErrors.CONFIGURATION_INVALID({ problems: problems.join("; ") });
    this.#keys = pushKeys(configuration);
    this.#appId = configuration.appId;
    this.#token = configuration.token;
    this.#windowMs = configuration.windowMs ?? 300_000;
    this.#replyWithinMs = configuration.replyWithinMs ?? 4_500;
    this.#clock = dependencies.clock ?? systemClock;
    this.#logger = dependencies.logger ?? silentLogger;
    this.#handled = new HandledMessages({
      appId: this.#appId,
      store: dependencies.keyValue ?? memoryKeyValue({ clock: this.#clock }),
      logger: this.#logger,
      handlingMs: configuration.handlingMs ?? 60_000,
      // A delivery can be repeated, by anybody, for as long as its timestamp is taken: from both ends of the window.
      keepMs: 2 * this.#windowMs + 60_000,
    });
  }

  verify(query: URLSearchParams): string {
    this.#signed(query);
    return field(query, "echostr");
  }

  open({ query, rawBody }: PushRequest): PushedMessage {
    const { timestamp, nonce } = this.#signed(query);
    if (rawBody.length > longestBody) {
      throw MiniProgramErrors.PUSH_UNREADABLE({ why: `the body is longer than ${longestBody} bytes` });
    }
    if (this.#keys.length === 0) return pushedMessage(rawBody, nonce);
    const encrypted = textField(parseObject(rawBody), "Encrypt");
    if (encrypted === undefined) {
      throw MiniProgramErrors.PUSH_UNREADABLE({ why: "no JSON object with Encrypt, though we are in secure mode" });
    }
    if (!isPushSignature(field(query, "msg_signature"), this.#token, timestamp, nonce, encrypted)) {
      throw MiniProgramErrors.PUSH_BAD_SIGNATURE();
    }
    for (const key of this.#keys) {
      const content = openPush(encrypted, key);
      if (content === undefined) continue;
      if (content.appId !== this.#appId) throw MiniProgramErrors.PUSH_WRONG_APP();
      return pushedMessage(content.text, nonce);
    }
    throw MiniProgramErrors.PUSH_UNREADABLE({ why: "it cannot be decrypted with our EncodingAESKey" });
  }

  reply(message: PushedMessage, content?: JsonObject): PushReply {
    if (content === undefined) return { contentType: "text/plain", body: "success" };
    const text = JSON.stringify(content);
    const contentType = "application/json";
    const key = this.#keys[0];
    if (key === undefined) return { contentType, body: text };
    const encrypted = sealPush(text, this.#appId, key);
    const seconds = Math.floor(this.#clock.now() / 1000);
    const signature = pushSignature(this.#token, String(seconds), message.nonce, encrypted);
    const body = { Encrypt: encrypted, MsgSignature: signature, TimeStamp: seconds, Nonce: message.nonce };
    return { contentType, body: JSON.stringify(body) };
  }

  async receive(request: PushRequest, handle: PushHandler): Promise<PushReply> {
    const message = this.open(request);
    if (this.#keys.length === 0) {
      const signed = `${request.query.get("timestamp")} ${message.nonce}`;
      if (!(await this.#handled.isFirstBody(signed, request.rawBody))) throw MiniProgramErrors.PUSH_BAD_SIGNATURE();
    }
    const claim = await this.#handled.claim(message.id);
    if (claim === "handled") return this.reply(message);
    if (claim === "in-progress") throw MiniProgramErrors.PUSH_IN_PROGRESS();
    return this.#inTime(this.#handle(message, handle));
  }

  async #handle(message: PushedMessage, handle: PushHandler): Promise<PushReply> {
    let content: JsonObject | undefined;
    try {
      content = await handle(message);
    } catch (error) {
      await this.#handled.failed(message.id);
      throw error;
    }
    await this.#handled.done(message.id);
    return this.reply(message, content);
  }

  #inTime(handling: Promise<PushReply>): Promise<PushReply> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(MiniProgramErrors.PUSH_IN_PROGRESS());
      const stop = this.#clock.timer(this.#replyWithinMs, late, { background: true });
      handling.then(resolve, reject).finally(stop);
    });
  }

  /** The signature's texts, once they are complete, signed with our token and lately so. */
  #signed(query: URLSearchParams): { timestamp: string; nonce: string } {
    const timestamp = field(query, "timestamp");
    const nonce = field(query, "nonce");
    if (!/^[0-9]{1,12}$/.test(timestamp)) throw MiniProgramErrors.PUSH_INCOMPLETE({ field: "timestamp" });
    if (!isPushSignature(field(query, "signature"), this.#token, timestamp, nonce)) {
      throw MiniProgramErrors.PUSH_BAD_SIGNATURE();
    }
    if (Math.abs(this.#clock.now() - Number(timestamp) * 1000) >= this.#windowMs) throw MiniProgramErrors.PUSH_STALE();
    return { timestamp, nonce };
  }
}

/** A query field that is there exactly once: which of two the platform's signature is about, nobody can say. */
function field(query: URLSearchParams, name: string): string {
  const values = query.getAll(name);
  const value = values[0];
  if (values.length !== 1 || value === undefined || value === "" || value.length > 512) {
    throw MiniProgramErrors.PUSH_INCOMPLETE({ field: name });
  }
  return value;
}
