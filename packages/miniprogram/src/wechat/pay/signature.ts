import { type KeyObject, randomBytes, sign, verify } from "node:crypto";

/*
 * Hot path: every payment signs and verifies several times. The callback forms of `sign` and `verify` run on the
 * threads of libuv, so the event loop goes on meanwhile. The figures are in this package's README.
 */

/** RSA-SHA256 (PKCS#1 v1.5) of a text, in base64. */
export function signText(text: string, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign("RSA-SHA256", Buffer.from(text), key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature.toString("base64"));
    });
  });
}

/** False for anything that is not this text's signature, whatever its form. */
export function verifyBytes(bytes: Uint8Array, signature: string, key: KeyObject): Promise<boolean> {
  const decoded = Buffer.from(signature, "base64");
  // Node reads up to the padding and drops what follows: a header that came twice would pass as its first half.
  if (decoded.toString("base64") !== signature) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify("RSA-SHA256", bytes, key, decoded, (error, valid) => resolve(!error && valid));
  });
}

/** What a merchant signs of a request: `METHOD\nPATH?QUERY\nTIMESTAMP\nNONCE\nBODY\n`. */
export function requestMessage(method: string, path: string, timestamp: string, nonce: string, body: string): string {
  return `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
}

/** What the client's payment call carries, signed: `appId\ntimeStamp\nnonceStr\nprepay_id=…\n`. `signType` is not. */
export function clientMessage(appId: string, timeStamp: string, nonceStr: string, pack: string): string {
  return `${appId}\n${timeStamp}\n${nonceStr}\n${pack}\n`;
}

/** What the platform signs of answers and callbacks: `TIMESTAMP\nNONCE\nRAW BODY\n`. */
export function platformMessage(timestamp: string, nonce: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from("\n")]);
}

/** 32 characters. */
export function nonce(): string {
  return randomBytes(16).toString("hex");
}
