import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type Call, type Clock, type ErrorFactory, Runtime } from "@sampan/core";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { type Callback, isRetryable, type MiniProgramProvider, type PayOrder, type PayProvider } from "../index.js";
import {
  generateVendorKeys,
  type Standin,
  type StandinKeys,
  type StandinRules,
  startStandin,
  type VendorKeys,
} from "../standin/index.js";
import { type ControlAnswer, controlRequest, testKeys } from "../standin/world.fixture.js";

/** What the contract suite must know of a vendor beside its provider: everything else is the same for all. */
export interface ContractSubject {
  /** Also the provider's name. */
  readonly platform: "wechat" | "alipay" | "douyin";
  open(keys: ContractKeys, url: string, clock: Clock): MiniProgramProvider;
  /** What must never be told, of the configuration. */
  secrets(keys: ContractKeys): readonly string[];
  /** The vendor documents a code for users that it blocks. */
  readonly blocksLogin: boolean;
  /** Keywords of the template, and values that fit them. */
  readonly message: Readonly<Record<string, string>>;
  /** A new number with other content is told from other mistakes. */
  readonly tellsConflict: boolean;
  /** Refunds are done when they are answered. */
  readonly refundsAtOnce: boolean;
}

export interface ContractKeys {
  readonly standin: StandinKeys;
  readonly vendors: VendorKeys;
}

let vendorKeysOnce: Promise<VendorKeys> | undefined;

export const template = "tpl-contract";
let number = 0;

/** A stand-in that is all platforms, one vendor's provider, and a merchant who answers callbacks as that vendor wants. */
export interface ContractWorld {
  readonly subject: ContractSubject;
  readonly keys: ContractKeys;
  readonly clock: FakeClock;
  readonly standin: Standin;
  readonly provider: MiniProgramProvider;
  readonly merchant: ContractMerchant;
  call(timeoutMs?: number): Call;
  /** Control of this vendor's part; fails the test unless it is answered with `expected`. */
  control(path: string, body?: object, expected?: number): Promise<ControlAnswer>;
  faults(kind: string, times?: number): Promise<void>;
  user(): Promise<string>;
  /** A login of a new user. */
  code(): Promise<{ code: string; openid: string }>;
}

export interface ContractMerchant {
  readonly url: string;
  readonly received: Callback[];
  /** Undefined: as the provider says. */
  answer: { readonly status: number; readonly body: string } | undefined;
}

export async function startContractWorld(
  test: TestContext,
  subject: ContractSubject,
  rules: Partial<StandinRules> = {},
): Promise<ContractWorld> {
  vendorKeysOnce ??= generateVendorKeys();
  const keys = { standin: await testKeys(), vendors: await vendorKeysOnce };
  const clock = createFakeClock();
  const standin = await startStandin({
    keys: keys.standin,
    vendors: keys.vendors,
    clock,
    templates: { [template]: Object.keys(subject.message) },
    rules: { refundSpacingMs: 0, ...rules },
  });
  const provider = subject.open(keys, standin.url, clock);
  const merchant = await startMerchant(() => provider.pay?.callbackAnswer.body ?? "");
  test.after(async () => {
    provider.close();
    await standin.close();
    merchant.server.closeAllConnections();
    await new Promise((resolve) => merchant.server.close(resolve));
  });
  const runtime = new Runtime({ name: "test", connect: () => assert.fail("no calls here"), clock });
  const control: ContractWorld["control"] = (path, body, expected) => {
    const marked = path.includes("?") ? `${path}&` : `${path}?`;
    const named = `${marked}platform=${subject.platform}`;
    return controlRequest(standin.url, named, body, expected);
  };
  return {
    subject,
    keys,
    clock,
    standin,
    provider,
    merchant,
    call: (timeoutMs = 10_000) => runtime.root({ name: "test", timeoutMs }),
    control,
    faults: async (kind, times = 1) => void (await controlRequest(standin.url, "faults", { kind, times })),
    user: async () => (await control("users", {}, 201)).openid,
    code: () => control("login-codes", {}, 201),
  };
}

export function payOf(world: ContractWorld): PayProvider {
  return world.provider.pay ?? assert.fail("the provider has no pay");
}

/** Numbers of letters, digits and `_`, which all vendors take. */
export async function newOrder(world: ContractWorld, over: Partial<PayOrder> = {}): Promise<PayOrder> {
  return {
    outTradeNo: `trade_${++number}`,
    amount: 1200n,
    currency: "CNY",
    description: "茶 & more/less",
    payerOpenid: over.payerOpenid ?? (await world.user()),
    notifyUrl: world.merchant.url,
    expiresAt: world.clock.now() + 900_000,
    ...over,
  };
}

/** Repeats what a platform was too busy for, as often as it is worth it. */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRetryable(error) || tries === 3) throw error;
    }
  }
}

/** Rejects with one of these registered errors. */
export async function rejectsWithOneOf(
  promise: Promise<unknown>,
  ...factories: readonly ErrorFactory[]
): Promise<void> {
  await assert.rejects(promise, (error) => {
    if (!factories.some((factory) => factory.is(error))) throw error;
    return true;
  });
}

async function startMerchant(answerOf: () => string): Promise<ContractMerchant & { server: Server }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    merchant.received.push({ headers: request.headers, rawBody: Buffer.concat(chunks) });
    const { status, body } = merchant.answer ?? { status: 200, body: answerOf() };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/pay/callback`;
  const received: Callback[] = [];
  const answer: ContractMerchant["answer"] = undefined;
  const merchant: ContractMerchant & { server: Server } = { url, received, answer, server };
  return merchant;
}
