import { randomBytes } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Call, Clock, RpcError } from "@sampan/core";
import { smsHeaders, smsSignature } from "./request-signature.js";
import { SmsErrors } from "./sms-errors.js";
import type { SmsMessage, SmsProvider } from "./sms-provider.js";

export interface HttpSmsOptions {
  /** Where the provider is; messages go to `/v1/messages` below it. */
  readonly url: URL;
  readonly keyId: string;
  readonly keySecret: string;
  readonly signNames: readonly string[];
  readonly clock: Clock;
  /** Of one exchange, ms. Default 5000. */
  readonly timeoutMs?: number;
}

const maxAnswerBytes = 65_536;

/** A provider that takes `POST /v1/messages` as JSON, signed (`request-signature.ts`), and answers `{ "code": "OK" }`. */
export function httpSms(options: HttpSmsOptions): SmsProvider {
  const { url, keyId, keySecret, signNames, clock, timeoutMs = 5000 } = options;
  const path = `${url.pathname.replace(/\/$/, "")}/v1/messages`;
  return {
    signNames,
    async send(message, call) {
      call.throwIfAborted();
      const body = JSON.stringify(wireForm(message));
      const timestamp = String(clock.now());
      const nonce = randomBytes(16).toString("hex");
      const headers = {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        [smsHeaders.keyId]: keyId,
        [smsHeaders.timestamp]: timestamp,
        [smsHeaders.nonce]: nonce,
        [smsHeaders.signature]: smsSignature(keySecret, { path, body, timestamp, nonce }),
      };
      const answer = await exchange(new URL(path, url), headers, body, { call, clock, timeoutMs });
      const code = codeOf(answer);
      if (code !== "OK") throw refusalOf(code);
    },
    // Each message has a connection of its own: they are rare.
    close() {},
  };
}

function wireForm({ countryCode, number, signName, templateId, parameters }: SmsMessage) {
  return { to: `+${countryCode}${number}`, signName, templateId, parameters };
}

/** The provider's codes; one that is not listed is a refusal of the message. */
const reasons: Readonly<Record<string, keyof typeof SmsErrors>> = {
  BUSY: "SMS_BUSY",
  NUMBER_LIMIT_MINUTE: "SMS_QUOTA",
  NUMBER_LIMIT_HOUR: "SMS_QUOTA",
  NUMBER_LIMIT_DAY: "SMS_QUOTA",
  NUMBER_INVALID: "SMS_NUMBER_REFUSED",
  NUMBER_BLOCKED: "SMS_NUMBER_REFUSED",
  KEY_UNKNOWN: "SMS_CREDENTIALS_REFUSED",
  SIGNATURE_INVALID: "SMS_CREDENTIALS_REFUSED",
  TIMESTAMP_EXPIRED: "SMS_CREDENTIALS_REFUSED",
};

function refusalOf(code: string): RpcError {
  const reason = Object.hasOwn(reasons, code) ? (reasons[code] as keyof typeof SmsErrors) : "SMS_MESSAGE_REFUSED";
  return SmsErrors[reason]({ provider_code: code });
}

/** What cannot be understood says nothing about the message. */
function codeOf(answer: string): string {
  try {
    const { code } = JSON.parse(answer) as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_]{2,64}$/.test(code)) return code;
  } catch {
    // As for JSON without a code.
  }
  throw SmsErrors.SMS_NO_ANSWER();
}

interface ExchangeOptions {
  readonly call: Call;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Until a connection is there nothing can have been sent; from then on nobody knows. */
function exchange(url: URL, headers: Record<string, string>, body: string, options: ExchangeOptions): Promise<string> {
  const { call, clock, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    let connected = false;
    const start = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = start(url, { method: "POST", headers, agent: false });
    const fail = (cause: Error): void => {
      stopTimer();
      reject(connected ? SmsErrors.SMS_NO_ANSWER({}, { cause }) : SmsErrors.SMS_UNREACHABLE({}, { cause }));
      request.destroy();
    };
    const stopTimer = clock.timer(timeoutMs, () => fail(new Error("time limit of the exchange")), { background: true });
    request.on("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => (connected = true));
    });
    request.on("error", fail);
    request.on("response", (response) => {
      readText(response).then((text) => {
        stopTimer();
        resolve(text);
      }, fail);
    });
    call.onAbort((error) => {
      stopTimer();
      reject(error);
      request.destroy();
    });
    request.end(body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += chunk;
    if (text.length > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} characters`);
  }
  return text;
}
