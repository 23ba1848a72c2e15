/**
 * A process that pays orders until it is killed: prints its address, then each trade number whose payment was answered.
 * Its argument is a folder. Only payments, through the page's interface; nobody answers their callbacks.
 */
import { join } from "node:path";
import { Runtime } from "@sampan/core";
import { wechatProvider } from "../index.js";
import { loadOrCreateStandinKeys, standinConfiguration, startStandin } from "./index.js";
import { controlRequest } from "./world.fixture.js";

const folder = process.argv[2] ?? ".";
const keys = await loadOrCreateStandinKeys(folder);
const standin = await startStandin({ keys, dataFile: join(folder, "standin.jsonl") });
const { pay } = wechatProvider(standinConfiguration(keys, standin.url));
const runtime = new Runtime({ name: "killed", connect: () => process.exit(1) });
console.log(standin.url);
const { openid } = await controlRequest(standin.url, "users", {}, 201);

async function payForever(worker: number): Promise<void> {
  for (let count = 0; ; count++) {
    const outTradeNo = `killed-${worker}-${count}`;
    const order = {
      outTradeNo,
      amount: 100n,
      currency: "CNY",
      description: "tea",
      payerOpenid: openid,
      notifyUrl: "http://127.0.0.1:1/callback",
      expiresAt: Date.now() + 60_000,
    };
    const created = await pay?.createOrder(order, runtime.root({ name: "order" }));
    await controlRequest(standin.url, "pay", { prepayId: created?.prepayId });
    console.log(outTradeNo);
  }
}

await Promise.all([1, 2, 3, 4].map(payForever));
