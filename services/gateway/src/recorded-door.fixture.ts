import { create, type Message } from "@bufbuild/protobuf";
import { Dispatcher, type Handler, methods, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { TokenClaims } from "@sampan/core/ports";
import { gateway } from "@sampan/gateway";
import { contracts } from "./contracts.js";

/** The gateway with the platform's contracts, before services that do nothing but note what reaches them. */
export interface RecordedDoor {
  readonly url: string;
  readonly received: Message[];
  /** What every method answers with; empty unless it is set. */
  answer: (request: Message) => Record<string, unknown>;
  close(): Promise<void>;
}

const tokens: Readonly<Record<string, TokenClaims>> = {
  user: { subject: "u-1", roles: ["user"], tenant: "default" },
  owner: {
    subject: "operator",
    roles: ["operator", "owner"],
    tenant: "default",
    scopes: ["operators.manage", "notifications.manage"],
  },
};

export async function openRecordedDoor(): Promise<RecordedDoor> {
  const transport = memoryTransport();
  const connect = () => transport.connect("memory");
  const received: Message[] = [];
  const served = contracts.map((desc) => ({
    desc,
    handlers: new Map(
      methods(desc).map((method) => {
        const handler: Handler = (request) => {
          received.push(request as Message);
          return create(method.desc.output, door.answer(request as Message));
        };
        return [method, handler] as const;
      }),
    ),
  }));
  await transport.listen(new Dispatcher(new Runtime({ name: "behind", connect }), served));
  const listener = await gateway({
    runtime: new Runtime({ name: "gateway", connect }),
    services: contracts,
    verifier: { verify: async (token) => tokens[token] as TokenClaims },
  }).listen();
  const door: RecordedDoor = {
    url: listener.url,
    received,
    answer: () => ({}),
    async close() {
      await listener.close();
      await transport.close();
    },
  };
  return door;
}
