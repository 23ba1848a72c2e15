import type { Implementation } from "@sampan/core";
import { EchoService, type RelayService } from "../gen/sampan/test/v1/echo_pb.js";

/** What the services do when a test does not say otherwise. */
export const echoing: Implementation<typeof EchoService> = {
  unary: (request) => ({ text: request.text, number: request.number, body: request.body }),

  /** The texts joined, and how many there were. */
  async collect(requests) {
    const texts: string[] = [];
    for await (const request of requests) texts.push(request.text);
    return { text: texts.join(" "), number: BigInt(texts.length) };
  },

  /** As many messages as `number` says, counted from 0. */
  async *produce(request) {
    for (let i = 0n; i < request.number; i++) yield { text: request.text, number: i, body: request.body };
  },

  async *chat(requests) {
    for await (const request of requests) yield { text: request.text, number: request.number, body: request.body };
  },
};

export const relaying: Implementation<typeof RelayService> = {
  relay: ({ text, number, body }, call) => call.to(EchoService).unary({ text, number, body }),
  relayStream: ({ text, number, body }, call) => call.to(EchoService).produce({ text, number, body }),
};
