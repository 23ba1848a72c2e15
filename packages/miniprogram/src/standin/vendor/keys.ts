import { generateKeyPair, randomBytes, randomInt } from "node:crypto";
import { promisify } from "node:util";
import type { PemPair } from "../keys.js";

/** What the consoles of Alipay and Douyin would show, and the private keys of both sides. For development only. */
export interface VendorKeys {
  readonly alipay: AlipayStandinKeys;
  readonly douyin: DouyinStandinKeys;
}

export interface AlipayStandinKeys {
  readonly appId: string;
  readonly sellerId: string;
  /** The app's, which signs requests. */
  readonly app: PemPair;
  /** The platform's, which signs answers and notifications. */
  readonly platform: PemPair;
  /** Base64 of 16 bytes. */
  readonly contentKey: string;
}

export interface DouyinStandinKeys {
  readonly appId: string;
  readonly appSecret: string;
  readonly salt: string;
  readonly token: string;
  readonly sellerId: string;
}

const newKeyPair = promisify(generateKeyPair);

export async function generateVendorKeys(): Promise<VendorKeys> {
  const [app, platform] = await Promise.all([rsaPair(), rsaPair()]);
  return {
    alipay: {
      appId: `2021${digits(12)}`,
      sellerId: `2088${digits(12)}`,
      app,
      platform,
      contentKey: randomBytes(16).toString("base64"),
    },
    douyin: {
      appId: `tt${randomBytes(9).toString("hex")}`,
      appSecret: randomBytes(20).toString("hex"),
      salt: randomBytes(20).toString("base64url"),
      token: randomBytes(16).toString("base64url"),
      sellerId: digits(20),
    },
  };
}

async function rsaPair(): Promise<PemPair> {
  return newKeyPair("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

function digits(count: number): string {
  let text = "";
  while (text.length < count) text += randomInt(10);
  return text;
}
