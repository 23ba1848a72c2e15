import type { JsonObject } from "./json-fields.js";

/**
 * Receives what a platform tells by itself, over HTTP: events of users, their messages. Register the address with the
 * platform, which first checks it with a GET (`verify`), then sends POSTs (`receive`; `open` and `reply` are its parts).
 * Errors are `MiniProgramErrors.PUSH_*`; answer an error with its HTTP status and no body.
 */
export interface MessagePush {
  /** The text to answer the platform's check of the address with, as it is. */
  verify(query: URLSearchParams): string;
  /**
   * Opens one delivery, calls `handle` for a message that was not handled before, and gives the answer to the platform. A
   * message is handled at least once: when `handle` fails, and when this process ends meanwhile, the platform's next
   * delivery is handled again; without the shared store so are all. When it takes longer than the platform waits, this
   * one rejects with `PUSH_IN_PROGRESS` and the next delivery is told what came of it.
   */
  receive(request: PushRequest, handle: PushHandler): Promise<PushReply>;
  /** Checks and opens one delivery. Keeps nothing: a repeated one opens again, with the same `id`. */
  open(request: PushRequest): PushedMessage;
  /** The answer to a message; without content it only says that it has arrived. */
  reply(message: PushedMessage, content?: JsonObject): PushReply;
}

/** What comes of a message: the content of a passive reply, or nothing to say. */
export type PushHandler = (message: PushedMessage) => Promise<JsonObject | undefined>;

export interface PushRequest {
  readonly query: URLSearchParams;
  /** Byte for byte as it came. */
  readonly rawBody: Uint8Array;
}

export interface PushReply {
  readonly contentType: string;
  readonly body: string;
}

export interface PushedMessage {
  /** The same for each delivery of one message. */
  readonly id: string;
  readonly kind: "event" | "message";
  /** The event's name, or the message's type. */
  readonly type: string;
  /** The user. */
  readonly from: string;
  /** The app's account. */
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** All of it, in the platform's names. */
  readonly content: JsonObject;
  /** Of this delivery; a reply repeats it. */
  readonly nonce: string;
}
