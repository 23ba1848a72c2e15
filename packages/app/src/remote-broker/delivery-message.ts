import type { BrokerMessage, Delivery } from "@sampan/core/ports";
import type { BrokerDelivery, BrokerMessage as WireMessage } from "@sampan/protos/sampan/broker/v1/broker_pb.js";

export function toWire(message: BrokerMessage) {
  const { topic, key, id, payload, headers } = message;
  return { topic, key, id, payload, headers: { ...headers } };
}

export function deliveryToWire(delivery: Delivery) {
  return { message: toWire(delivery), attempt: delivery.attempt, publishedAt: BigInt(delivery.publishedAt) };
}

export function fromWire({ topic, key, id, payload, headers }: WireMessage): BrokerMessage {
  return { topic, key, id, payload, headers };
}

export function deliveryFromWire({ message, attempt, publishedAt }: BrokerDelivery): Delivery {
  if (message === undefined) throw new TypeError("a delivery without a message");
  return { ...fromWire(message), attempt, publishedAt: Number(publishedAt) };
}
