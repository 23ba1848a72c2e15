import { createHash } from "node:crypto";
import type { ReceivePushRequest, VerifyPushRequest } from "@sampan/contracts/notification/v1/notification_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, Code, RpcError } from "@sampan/core";
import type { JsonObject, MessagePush, PushedMessage } from "@sampan/miniprogram";
import { NotificationErrors } from "./domain/errors.js";
import type { Answer } from "./domain/subscription.js";
import type { Subscriptions } from "./subscriptions.js";

export interface PlatformPushDeps {
  /** Undefined when the platform was not told to push, or has no such thing. */
  readonly push: MessagePush | undefined;
  /** Whose messages they are, such as `wechat`. */
  readonly provider: string;
  readonly subscriptions: Subscriptions;
}

/** What the platform tells by itself about users' subscriptions. Everything else that it tells is acknowledged, and that is all. */
export class PlatformPush {
  readonly #deps: PlatformPushDeps;

  constructor(deps: PlatformPushDeps) {
    this.#deps = deps;
  }

  verify(request: VerifyPushRequest) {
    const text = this.#push().verify(queryOf(request, request.echostr));
    return { body: { contentType: "text/plain", data: new TextEncoder().encode(text) } };
  }

  async receive(request: ReceivePushRequest, call: Call) {
    const delivery = { query: queryOf(request, ""), rawBody: request.body?.data ?? new Uint8Array() };
    const reply = await this.#push().receive(delivery, async (message) => {
      await this.#handle(message, call);
      return undefined;
    });
    return { body: { contentType: reply.contentType, data: new TextEncoder().encode(reply.body) } };
  }

  #push(): MessagePush {
    const { push, provider } = this.#deps;
    if (push === undefined) throw NotificationErrors.PUSH_NOT_TAKEN({ provider });
    return push;
  }

  async #handle(message: PushedMessage, call: Call): Promise<void> {
    const { provider, subscriptions } = this.#deps;
    const answers = answersIn(message);
    if (answers.length === 0) return;
    const userId = await userOf(provider, message.from, call);
    if (userId === undefined) return;
    // The message's own id, which may be longer than a report's.
    const reportId = `push-${createHash("sha256").update(message.id).digest("hex").slice(0, 48)}`;
    await subscriptions.count(call, userId, reportId, answers);
  }
}

interface ToldAnswer {
  readonly templateId: string;
  readonly answer: Answer;
}

/** Undefined for somebody who has never logged in: nothing is sent to them either. */
async function userOf(provider: string, openid: string, call: Call): Promise<string | undefined> {
  try {
    return (await call.to(UserService).findUser({ provider, openid })).user?.userId;
  } catch (error) {
    if (RpcError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

/**
 * What a user has answered: in the pop-up, or later in the platform's own settings, where all that can be done is to switch
 * a template off. Source: the events of "subscribe message" on developers.weixin.qq.com.
 */
function answersIn({ kind, type, content }: PushedMessage): ToldAnswer[] {
  const isPopup = type === "subscribe_msg_popup_event";
  if (kind !== "event" || (!isPopup && type !== "subscribe_msg_change_event")) return [];
  const list = Array.isArray(content.List) ? (content.List as unknown[]) : [];
  return list.slice(0, maxAnswers).flatMap((item): ToldAnswer[] => {
    const { TemplateId: templateId, SubscribeStatusString: status } = (item ?? {}) as JsonObject;
    if (typeof templateId !== "string") return [];
    if (status === "accept" && isPopup) return [{ templateId, answer: "accept" }];
    if (status === "reject") return [{ templateId, answer: isPopup ? "reject" : "ban" }];
    return [];
  });
}

/** A pop-up asks for three templates at most. */
const maxAnswers = 16;

function queryOf(request: VerifyPushRequest | ReceivePushRequest, echostr: string): URLSearchParams {
  const { signature, timestamp, nonce, msgSignature, encryptType, openid } = request;
  const given = {
    signature,
    timestamp,
    nonce,
    msg_signature: msgSignature,
    encrypt_type: encryptType,
    openid,
    echostr,
  };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
}
