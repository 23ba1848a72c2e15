import type { Dispatcher, Served } from "@sampan/core";
import { codecOf, type MessageCodec } from "../codec/message-codec.js";
import type { Reading } from "../codec/open-message.js";
import { limitSent } from "../wire/send-limit.js";

/** A method that a listener serves, with everything a call needs made ready. */
export interface ServedMethod {
  readonly served: Served;
  readonly dispatcher: Dispatcher;
  readonly reading: Reading;
  readonly output: MessageCodec;
  /** The deadline of a call that came with none, ms; undefined leaves it to the dispatcher. */
  readonly defaultTimeoutMs: number | undefined;
}

/** All methods of a listener by path. The built-in services come last and have no deadline of their own: watches last. */
export function servedMethods(
  dispatcher: Dispatcher,
  builtIn: Dispatcher,
  limits: { readonly receive: number; readonly send: number },
): ReadonlyMap<string, ServedMethod> {
  const methods = new Map<string, ServedMethod>();
  for (const from of [dispatcher, builtIn]) {
    for (const service of from.services) {
      for (const method of service.handlers.keys()) {
        const served = from.find(method.path);
        if (served === undefined || methods.has(method.path)) continue;
        methods.set(method.path, {
          served,
          dispatcher: from,
          reading: { codec: codecOf(method.input), method: method.path, limit: limits.receive },
          output: limitSent(codecOf(method.output), method.path, limits.send),
          defaultTimeoutMs: from === builtIn ? Number.POSITIVE_INFINITY : undefined,
        });
      }
    }
  }
  return methods;
}
