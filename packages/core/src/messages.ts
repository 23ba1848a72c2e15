import {
  clone,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { initialiserOf } from "./message-initialiser.js";

/*
 * Messages of which only the descriptor is known, for layers that must make, copy or encode them.
 */

/** A message with these fields, by their local names. */
export function newMessage(schema: DescMessage, fields: Readonly<Record<string, unknown>>): Message {
  return initialiserOf(schema)(fields) as Message;
}

/** A copy that shares nothing with the message. */
export function copyMessage(schema: DescMessage, message: unknown): Message {
  return clone(schema, message as Message);
}

export function encodeMessage(schema: DescMessage, message: unknown): Uint8Array {
  return toBinary(schema, message as Message);
}

/** Throws when the bytes are not a message. */
export function decodeMessage(schema: DescMessage, bytes: Uint8Array): Message {
  return fromBinary(schema, bytes);
}

/** From the JSON form of protobuf. Throws an `Error` that names the field and the reason when it does not fit. */
export function messageFromJson(schema: DescMessage, json: unknown): Message {
  return fromJson(schema, json as JsonValue);
}
