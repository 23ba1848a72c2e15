import type { Broker, BrokerMessage, Delivery, SubscribeOptions, Subscription } from "@sampan/core/ports";

/** A broker that keeps what it is given, fails when told to, and delivers by hand. */
export interface ScriptedBroker extends Broker {
  readonly published: BrokerMessage[];
  /** Asked before each publish; what it throws, publish rejects with. */
  before: (messages: readonly BrokerMessage[]) => Promise<void> | void;
  /** Hands a message to the one subscriber and settles as its answer does. */
  deliver(message: Partial<Delivery>, signal?: AbortSignal): Promise<void>;
  readonly subscribed: SubscribeOptions | undefined;
}

export function scriptedBroker(): ScriptedBroker {
  const published: BrokerMessage[] = [];
  let subscribed: SubscribeOptions | undefined;
  const unused = (): never => {
    throw new Error("not used here");
  };
  return {
    published,
    before: () => {},
    async publish(messages) {
      await this.before(messages);
      published.push(...messages);
    },
    async subscribe(options): Promise<Subscription> {
      subscribed = options;
      return {
        async close() {
          subscribed = undefined;
        },
      };
    },
    deliver(message, signal = new AbortController().signal) {
      if (subscribed === undefined) throw new Error("nobody has subscribed");
      const { topic } = subscribed;
      const whole = {
        topic,
        key: "k",
        id: "m1",
        payload: new Uint8Array(),
        headers: {},
        attempt: 1,
        publishedAt: 0,
        ...message,
      };
      return subscribed.handle(whole, signal);
    },
    get subscribed() {
      return subscribed;
    },
    deadLetters: unused,
    redrive: unused,
    close: async () => {},
  };
}
