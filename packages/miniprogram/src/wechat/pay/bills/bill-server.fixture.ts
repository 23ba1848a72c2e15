import { createHash, createPrivateKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { createGzip, gzipSync } from "node:zlib";
import type { Clock } from "@sampan/core";
import type { PayProvider } from "../../../pay.js";
import { standinConfiguration } from "../../../standin/index.js";
import { testKeys } from "../../../standin/world.fixture.js";
import { wechatProvider } from "../../provider.js";
import type { WeChatPayConfiguration } from "../pay-configuration.js";
import { signatureHeaders } from "../platform-signature.js";
import { platformMessage, signText } from "../signature.js";

const heads = "交易时间,微信订单号,商户订单号,用户标识,交易状态,货币种类,手续费,订单金额";

function billLine(index: number): string {
  return `\`2026-11-20 12:00:00,\`42${index},\`trade-${index},\`o1,\`SUCCESS,\`CNY,\`0.06000,\`10.00`;
}

export function bill(lines: number): string {
  const text = Array.from({ length: lines }, (_, index) => billLine(index)).join("\n");
  return `${heads}\n${text}\n总交易单数,订单总金额\n\`${lines},\`${lines * 10}.00\n`;
}

export interface BillServer {
  readonly url: string;
  /** Fields of the signed answer, in place of the right ones. */
  place: Record<string, unknown>;
  /** What is downloaded; the file's hash is that of `text`. */
  packed: Buffer;
  /** A bill that never ends, instead. */
  endless: boolean;
  /** Breaks the connection after so many bytes. */
  breakAfter: number | undefined;
  /** Bytes of the endless bill, unpacked, that were made so far. */
  made: number;
  /** Resolves when a download's connection has ended. */
  readonly ended: Promise<void>;
  readonly pay: PayProvider;
}

/** A platform that knows nothing but bills, and can be wrong about them. */
export async function startBillServer(
  t: TestContext,
  text: string,
  clock: Clock,
  limits: Partial<WeChatPayConfiguration> = {},
): Promise<BillServer> {
  const keys = await testKeys();
  const signer = keys.platform[0] ?? { serial: "", privateKey: "" };
  const key = createPrivateKey(signer.privateKey);
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith("/v3/billdownload/")) {
      response.on("close", end);
      if (bills.endless) Readable.from(endless(bills)).pipe(createGzip()).pipe(response);
      else if (bills.breakAfter === undefined) response.end(bills.packed);
      else {
        response.writeHead(200, { "content-length": bills.packed.length });
        response.write(bills.packed.subarray(0, bills.breakAfter), () => response.destroy());
      }
      return;
    }
    const hash = createHash("sha1").update(text).digest("hex");
    const right = { hash_type: "SHA1", hash_value: hash, download_url: `${url}/v3/billdownload/file?token=t` };
    const body = JSON.stringify({ ...right, ...bills.place });
    const timestamp = String(Math.floor(clock.now() / 1000));
    response.writeHead(200, {
      [signatureHeaders.timestamp]: timestamp,
      [signatureHeaders.nonce]: "nonce",
      [signatureHeaders.serial]: signer.serial,
      [signatureHeaders.signature]: await signText(
        platformMessage(timestamp, "nonce", Buffer.from(body)).toString(),
        key,
      ),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration = standinConfiguration(keys, url);
  const provider = wechatProvider({ ...configuration, pay: { ...configuration.pay, ...limits } }, { clock });
  t.after(async () => {
    provider.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bills: BillServer = {
    url,
    place: {},
    packed: gzipSync(text),
    endless: false,
    breakAfter: undefined,
    made: 0,
    ended,
    pay: provider.pay as PayProvider,
  };
  return bills;
}

function* endless(bills: BillServer): Generator<string> {
  yield `${heads}\n`;
  for (let index = 0; ; index += 100) {
    // Different lines, or packing would make one byte of thousands.
    const text = Array.from({ length: 100 }, (_, more) => `${billLine(index + more)}\n`).join("");
    bills.made += text.length;
    yield text;
  }
}
