import { generateKeyPair, randomBytes, randomInt } from "node:crypto";
import { promisify } from "node:util";

/**
 * Everything secret and public that a stand-in and the merchant who uses it share: what the vendor's consoles would
 * show, and both private keys. For development only.
 */
export interface StandinKeys {
  readonly appId: string;
  readonly appSecret: string;
  readonly merchantId: string;
  readonly merchantSerial: string;
  readonly merchant: PemPair;
  /** 32 characters. */
  readonly apiV3Key: string;
  /** The platform's keys, each with what `Wechatpay-Serial` says. The first signs; the second, a certificate, on request. */
  readonly platform: readonly PlatformKey[];
}

/** PEM: PKCS#8 and SPKI, RSA 2048. */
export interface PemPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface PlatformKey extends PemPair {
  readonly serial: string;
}

const newKeyPair = promisify(generateKeyPair);

export async function generateStandinKeys(): Promise<StandinKeys> {
  const [merchant, publicKeyMode, certificateMode] = await Promise.all([rsaPair(), rsaPair(), rsaPair()]);
  return {
    appId: `wx${randomBytes(8).toString("hex")}`,
    appSecret: randomBytes(16).toString("hex"),
    merchantId: `1${randomInt(100_000_000, 999_999_999)}`,
    merchantSerial: certificateSerial(),
    merchant,
    apiV3Key: randomBytes(16).toString("hex"),
    platform: [
      { serial: `PUB_KEY_ID_${randomBytes(14).toString("hex")}`, ...publicKeyMode },
      { serial: certificateSerial(), ...certificateMode },
    ],
  };
}

async function rsaPair(): Promise<PemPair> {
  return newKeyPair("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

function certificateSerial(): string {
  return randomBytes(20).toString("hex").toUpperCase();
}
