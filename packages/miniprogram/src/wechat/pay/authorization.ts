/** The `Authorization` header of Pay v3 requests (pay.weixin.qq.com, "how to sign requests"). */
export interface Authorization {
  readonly mchid: string;
  readonly serialNo: string;
  readonly nonceStr: string;
  /** Seconds since the epoch, as text. */
  readonly timestamp: string;
  /** Base64. */
  readonly signature: string;
}

export const authorizationScheme = "WECHATPAY2-SHA256-RSA2048";

export function formatAuthorization(value: Authorization): string {
  return (
    `${authorizationScheme} mchid="${value.mchid}",nonce_str="${value.nonceStr}",signature="${value.signature}",` +
    `timestamp="${value.timestamp}",serial_no="${value.serialNo}"`
  );
}

/** Fields in any order, each exactly once and nothing else; undefined when the header does not read like that. */
export function parseAuthorization(header: string): Authorization | undefined {
  if (!header.startsWith(`${authorizationScheme} `)) return undefined;
  const fields = new Map<string, string>();
  for (const part of header.slice(authorizationScheme.length + 1).split(",")) {
    const match = /^ *([a-z_]+)="([^"]+)" *$/.exec(part);
    if (match === null) return undefined;
    const [, name = "", value = ""] = match;
    if (fields.has(name)) return undefined;
    fields.set(name, value);
  }
  const mchid = fields.get("mchid");
  const serialNo = fields.get("serial_no");
  const nonceStr = fields.get("nonce_str");
  const timestamp = fields.get("timestamp");
  const signature = fields.get("signature");
  if (mchid === undefined || serialNo === undefined || nonceStr === undefined) return undefined;
  if (timestamp === undefined || signature === undefined || fields.size !== 5) return undefined;
  if (!/^[0-9]{1,12}$/.test(timestamp)) return undefined;
  return { mchid, serialNo, nonceStr, timestamp, signature };
}
