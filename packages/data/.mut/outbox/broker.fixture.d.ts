import type { Broker, BrokerMessage, Delivery, SubscribeOptions } from "@sampan/core/ports";
/** A broker that keeps what it is given, fails when told to, and delivers by hand. */
export interface ScriptedBroker extends Broker {
    readonly published: BrokerMessage[];
    /** Asked before each publish; what it throws, publish rejects with. */
    before: (messages: readonly BrokerMessage[]) => Promise<void> | void;
    /** Hands a message to the one subscriber and settles as its answer does. */
    deliver(message: Partial<Delivery>, signal?: AbortSignal): Promise<void>;
    readonly subscribed: SubscribeOptions | undefined;
}
export declare function scriptedBroker(): ScriptedBroker;
//# sourceMappingURL=broker.fixture.d.ts.map