import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type Call, type ErrorFactory, Runtime } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import type { MessageProvider, MiniProgramProvider, PayOrder, PayProvider, WeChatConfiguration } from "../index.js";
import { wechatProvider } from "../index.js";
import {
  generateStandinKeys,
  type Standin,
  type StandinKeys,
  type StandinRules,
  standinConfiguration,
  startStandin,
} from "./index.js";

let keysOnce: Promise<StandinKeys> | undefined;

/** One set of keys for a test file: making RSA keys is the slow part. */
export function testKeys(): Promise<StandinKeys> {
  return (keysOnce ??= generateStandinKeys());
}

/** The fields of all control answers; each test knows which one it gets. */
export interface ControlAnswer {
  readonly openid: string;
  readonly code: string;
  readonly error: string;
  readonly now: number;
  readonly state: string;
  readonly refusals: number;
  readonly notificationId: string;
  readonly transactionId: string;
  readonly callbackStatus: number;
  readonly nextCallbackAt: number;
  readonly callbacks: readonly { readonly at: number; readonly status: number }[];
  readonly orders: readonly ControlAnswer[];
  readonly messages: readonly { readonly data: unknown; readonly page: string }[];
  readonly [field: string]: unknown;
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
}

/** The merchant's callback address, which answers whatever the test has set. */
export interface Merchant {
  readonly url: string;
  readonly received: Received[];
  status: number;
}

export interface WorldOptions {
  readonly rules?: Partial<StandinRules>;
  readonly configuration?: Partial<WeChatConfiguration>;
  readonly dataFile?: string;
  readonly logger?: Logger;
  /** The stand-in keeps its own clock, which can be advanced by control; the provider then runs on the system's. */
  readonly ownClock?: boolean;
}

/** A stand-in, a provider configured for it and a merchant, on one fake clock. */
export interface World {
  readonly keys: StandinKeys;
  readonly clock: FakeClock;
  readonly standin: Standin;
  readonly provider: MiniProgramProvider;
  readonly pay: PayProvider;
  readonly messages: MessageProvider;
  readonly merchant: Merchant;
  call(timeoutMs?: number): Call;
  /** A control request; fails the test unless it is answered with `expected`. */
  control(path: string, body?: unknown, expected?: number): Promise<ControlAnswer>;
  /** A user that exists. */
  user(): Promise<string>;
  order(over?: Partial<PayOrder>): Promise<PayOrder & { prepayId: string }>;
}

export const template = "tpl-confirmed";
let trade = 0;

export async function startWorld(test: TestContext, options: WorldOptions = {}): Promise<World> {
  const keys = await testKeys();
  const clock = createFakeClock();
  const standin = await startStandin({
    keys,
    templates: { [template]: ["thing1", "amount2"] },
    ...(options.ownClock ? {} : { clock }),
    ...(options.rules === undefined ? {} : { rules: options.rules }),
    ...(options.dataFile === undefined ? {} : { dataFile: options.dataFile }),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  const time = options.ownClock ? {} : { clock };
  const configuration = standinConfiguration(keys, standin.url);
  const provider = wechatProvider(
    // Without a wait before the second try, which on a clock that stands still would never end.
    { ...configuration, retryDelayMs: 0, pay: { ...configuration.pay, retryWaitsMs: [] }, ...options.configuration },
    { ...time, ...(options.logger === undefined ? {} : { logger: options.logger }) },
  );
  const { pay, messages } = provider;
  assert.ok(pay !== undefined && messages !== undefined);
  const merchant = await startMerchant();
  const runtime = new Runtime({ name: "test", connect: () => assert.fail("no calls here"), ...time });
  test.after(async () => {
    provider.close();
    await standin.close();
    merchant.server.closeAllConnections();
    await new Promise((resolve) => merchant.server.close(resolve));
  });
  const control: World["control"] = (path, body, expected) => controlRequest(standin.url, path, body, expected);
  const user = async (): Promise<string> => (await control("users", {}, 201)).openid;
  return {
    keys,
    clock,
    standin,
    provider,
    pay,
    messages,
    merchant,
    call: (timeoutMs = 10_000) => runtime.root({ name: "test", timeoutMs }),
    control,
    user,
    async order(over = {}) {
      const order: PayOrder = {
        outTradeNo: `trade-${++trade}`,
        amount: 1200n,
        currency: "CNY",
        description: "茶",
        payerOpenid: over.payerOpenid ?? (await user()),
        notifyUrl: merchant.url,
        expiresAt: runtime.clock.now() + 900_000,
        ...over,
      };
      return { ...order, ...(await pay.createOrder(order, runtime.root({ name: "test" }))) };
    },
  };
}

/** With a body it is a POST, without one a GET. */
export async function controlRequest(
  url: string,
  path: string,
  body?: unknown,
  expected = 200,
): Promise<ControlAnswer> {
  const answer = await fetch(`${url}/_control/${path}`, {
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.equal(answer.status, expected, text);
  return JSON.parse(text);
}

/** Rejects with this registered error, and the vendor's code when one is given. */
export async function rejectsWith(
  promise: Promise<unknown>,
  factory: ErrorFactory,
  platformCode?: string,
): Promise<void> {
  await assert.rejects(promise, (error) => {
    if (!factory.is(error)) throw error;
    if (platformCode !== undefined) assert.equal(error.info?.metadata.platform_code, platformCode);
    return true;
  });
}

async function startMerchant(): Promise<Merchant & { server: Server }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    merchant.received.push({ headers: request.headers, rawBody: Buffer.concat(chunks) });
    response.writeHead(merchant.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/pay/callback`;
  const merchant = { url, received: [] as Received[], status: 200, server };
  return merchant;
}
