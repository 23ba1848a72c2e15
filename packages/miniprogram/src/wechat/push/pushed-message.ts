import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, objectOf, textField } from "../../json-fields.js";
import type { PushedMessage } from "../../push.js";

/**
 * What a message says of itself. Known again by its `MsgId`; events have none and are known, as the vendor says, by
 * sender and second, here with the event's name too, for two kinds can happen in one second.
 */
export function pushedMessage(text: Uint8Array, nonce: string): PushedMessage {
  const content = messageObject(text);
  const from = textField(content, "FromUserName");
  const to = textField(content, "ToUserName");
  const messageType = textField(content, "MsgType");
  // A number in most examples of the vendor, digits in some.
  const seconds = String(content?.CreateTime ?? "");
  if (from === undefined || to === undefined || messageType === undefined || !/^[0-9]{1,12}$/.test(seconds)) {
    throw MiniProgramErrors.PUSH_UNREADABLE({ why: "no JSON object with sender, receiver, type and time" });
  }
  const createdAt = Number(seconds) * 1000;
  const about = { from, to, createdAt, content: content as JsonObject, nonce };
  if (messageType === "event") {
    const event = textField(content, "Event");
    if (event === undefined) throw MiniProgramErrors.PUSH_UNREADABLE({ why: "an event without a name" });
    return { id: `${from} ${seconds} ${event}`, kind: "event", type: event, ...about };
  }
  const id = textField(content, "MsgId");
  if (id === undefined) throw MiniProgramErrors.PUSH_UNREADABLE({ why: "a message without MsgId" });
  return { id, kind: "message", type: messageType, ...about };
}

/** `MsgId` is a 64-bit number, which JSON.parse would round, so that two messages could look like one: kept as text. */
function messageObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return objectOf(JSON.parse(text.replace(/"MsgId"\s*:\s*([0-9]+)/g, '"MsgId":"$1"')));
  } catch {
    return undefined;
  }
}
