import type { Message } from "@bufbuild/protobuf";
import type { Call, CallOptions, Method } from "@sampan/core";
import { CommandError } from "../command/command-error.js";

/** Called with each response, in order; the next one is read when it has resolved. */
export type OnResponse = (message: Message) => Promise<void> | void;

/**
 * One call of any kind. Requests are sent as they come; a method that takes one message gets an empty one when there is
 * none. Throws `RpcError` for how the call ended, and what `requests` throws: that ends the call.
 */
export async function invoke(
  root: Call,
  method: Method,
  requests: AsyncIterable<Message>,
  options: CallOptions,
  onResponse: OnResponse,
): Promise<void> {
  let fault: unknown;
  const watched = async function* (): AsyncGenerator<Message> {
    try {
      yield* requests;
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  try {
    const request = method.clientStreams ? watched() : await single(method, requests);
    const result = root.runtime.start(root, method, request, options);
    if (method.serverStreams) for await (const message of result as AsyncIterable<Message>) await onResponse(message);
    else await onResponse((await result) as Message);
  } catch (error) {
    throw fault ?? error;
  }
  // A server may answer before it has read everything.
  if (fault instanceof CommandError) throw fault;
}

async function single(method: Method, requests: AsyncIterable<Message>): Promise<object> {
  let found: Message | undefined;
  for await (const message of requests) {
    if (found !== undefined)
      throw new CommandError(`${method.service}/${method.name} takes one message, and the data holds more`, "", 2);
    found = message;
  }
  return found ?? {};
}
