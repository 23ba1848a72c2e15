import { createDecipheriv, type KeyObject } from "node:crypto";
import { MiniProgramErrors } from "../errors.js";
import { parseObject, textField } from "../json-fields.js";
import type { PhoneNumber } from "../provider.js";
import { verifyBytes } from "../wechat/pay/signature.js";

/** The text is about 600 characters. */
const longestText = 8192;
/** "Content encryption" on opendocs.alipay.com: AES-128-CBC with an initial vector of zeros. */
const zeros: Buffer = Buffer.alloc(16);

/**
 * Opens `res.response` of `my.getPhoneNumber`: JSON with `response` (ciphertext, base64) and `sign`. The signature is
 * Alipay's over the ciphertext in double quotes, as it stood in the JSON that was signed (the vendor's Java and C#
 * examples add the quotes), or over the plain JSON of a failure. Sends nothing, and nothing marks the text as used:
 * whoever has it can show it again.
 */
export async function openPhoneNumber(text: string, alipayKey: KeyObject, contentKey: Buffer): Promise<PhoneNumber> {
  if (text.length > longestText) throw untrusted("too long");
  const envelope = parseObject(Buffer.from(text));
  const content = textField(envelope, "response");
  const signature = textField(envelope, "sign");
  if (content === undefined || signature === undefined) throw untrusted("no response or no sign");
  const encrypted = !content.startsWith("{");
  const signed = Buffer.from(encrypted ? `"${content}"` : content);
  if (!(await verifyBytes(signed, signature, alipayKey))) throw untrusted("signature");
  const plain = encrypted
    ? parseObject(decrypt(content, contentKey) ?? Buffer.alloc(0))
    : parseObject(Buffer.from(content));
  if (plain === undefined) throw untrusted("decryption");
  const code = textField(plain, "code");
  if (code !== "10000") {
    throw MiniProgramErrors.PHONE_CODE_INVALID({ platform_code: textField(plain, "subCode") ?? code ?? "none" });
  }
  const mobile = textField(plain, "mobile");
  if (mobile === undefined || !/^\+?\d{5,20}$/.test(mobile)) throw untrusted("no mobile number");
  // The page shows a number and no country; accounts are Chinese unless the answer says otherwise.
  const countryCode = (textField(plain, "countryCode") ?? "86").replace("+", "");
  const phoneNumber = countryCode === "86" ? mobile : `+${countryCode}${mobile.replace("+", "")}`;
  return { phoneNumber, purePhoneNumber: mobile.replace("+", ""), countryCode };
}

function decrypt(content: string, key: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, zeros);
    return Buffer.concat([decipher.update(content, "base64"), decipher.final()]);
  } catch {
    return undefined;
  }
}

function untrusted(why: string): Error {
  return MiniProgramErrors.OPEN_DATA_INVALID({ why });
}
