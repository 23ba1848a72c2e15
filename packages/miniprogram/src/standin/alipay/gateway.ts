import { signedText } from "../../alipay/signed-text.js";
import { parseChinaTime } from "../../china-time.js";
import { type JsonObject, parseObject } from "../../json-fields.js";
import { signText, verifyBytes } from "../../wechat/pay/signature.js";
import type { Route, StandinReply, StandinRequest } from "../http/exchange.js";
import type { AlipayPlatform } from "./platform.js";

/** What an interface answers: the fields of a success, or a failure. */
export type AlipayAnswer = JsonObject | AlipayFailure;

export class AlipayFailure {
  readonly code: string;
  readonly subCode: string;
  readonly subMsg: string;

  constructor(code: string, subCode: string, subMsg: string) {
    this.code = code;
    this.subCode = subCode;
    this.subMsg = subMsg;
  }
}

/** Business failures have the gateway's code 40004. */
export function businessFailure(subCode: string, subMsg: string): AlipayFailure {
  return new AlipayFailure("40004", subCode, subMsg);
}

/** One interface of the gateway. `content` is its `biz_content`; `parameters` are all that were signed. */
export interface AlipayInterface {
  readonly method: string;
  /** Its successes have no `code`. */
  readonly bare?: true;
  handle(content: JsonObject, parameters: Readonly<Record<string, string>>): AlipayAnswer | Promise<AlipayAnswer>;
}

const messages: Readonly<Record<string, string>> = {
  "20000": "Service Currently Unavailable",
  "40001": "Missing Required Arguments",
  "40002": "Invalid Arguments",
  "40004": "Business Failed",
  "40005": "Call Limited",
};

/** `POST /gateway.do`: checks form, app and signature, finds the interface, and signs what it answers once it is on the disk. */
export function gatewayRoute(platform: AlipayPlatform, interfaces: readonly AlipayInterface[]): Route {
  const serve = async (request: StandinRequest): Promise<StandinReply> => {
    const parameters = readParameters(request);
    const found = interfaces.find(({ method }) => method === parameters?.method);
    const refusal =
      parameters === undefined
        ? new AlipayFailure("40002", "isv.invalid-parameter", "a parameter came twice, or the body is no form")
        : formRefusal(parameters, platform, found !== undefined);
    // Nobody knows whom this answer is for, so it is not signed.
    if (parameters === undefined || refusal !== undefined || found === undefined) {
      return reply(
        "error_response",
        nodeOf(refusal ?? new AlipayFailure("40002", "isv.invalid-method", "no such method")),
      );
    }
    const name = `${found.method.replaceAll(".", "_")}_response`;
    const answer = await handle(found, parameters, platform);
    await platform.context.store.durable();
    const node = nodeOf(answer, found.bare);
    return reply(name, node, await signText(node, platform.platformKey));
  };
  const failure = async (request: StandinRequest, code: string, subCode: string): Promise<StandinReply> => {
    const method = readParameters(request)?.method ?? "";
    const node = nodeOf(new AlipayFailure(code, subCode, "on purpose"));
    return reply(`${method.replaceAll(".", "_")}_response`, node, await signText(node, platform.platformKey));
  };
  return {
    method: "POST",
    path: /^\/gateway\.do$/,
    handle: serve,
    failures: {
      busy: (request) => failure(request, "20000", "isp.unknow-error"),
      rateLimited: (request) => failure(request, "40005", "isv.app-call-limited"),
      forged: (answer) => ({ ...answer, body: String(answer.body).replace(/"sign":"[^"]*"/, '"sign":"Zm9yZ2Vk"') }),
      unsigned: (answer) => ({ ...answer, body: String(answer.body).replace(/,"sign":"[^"]*"/, "") }),
    },
  };
}

async function handle(
  found: AlipayInterface,
  parameters: Readonly<Record<string, string>>,
  platform: AlipayPlatform,
): Promise<AlipayAnswer> {
  const text = signedText(parameters, ["sign"]);
  if (!(await verifyBytes(Buffer.from(text), parameters.sign ?? "", platform.appKey))) {
    // The real gateway repeats the text too, which is why its explanations are cleaned of what was sent.
    return new AlipayFailure("40002", "isv.invalid-signature", `the text to sign is: ${text}`);
  }
  const content = parameters.biz_content === undefined ? {} : parseObject(Buffer.from(parameters.biz_content));
  if (content === undefined)
    return new AlipayFailure("40002", "isv.invalid-parameter", "biz_content is no JSON object");
  return found.handle(content, parameters);
}

function formRefusal(
  parameters: Readonly<Record<string, string>>,
  { keys }: AlipayPlatform,
  known: boolean,
): AlipayFailure | undefined {
  for (const [name, code] of [
    ["app_id", "isv.missing-app-id"],
    ["method", "isv.missing-method"],
    ["sign", "isv.missing-signature"],
    ["sign_type", "isv.missing-signature-type"],
    ["timestamp", "isv.missing-timestamp"],
    ["version", "isv.missing-version"],
  ] as const) {
    if (!parameters[name]) return new AlipayFailure("40001", code, `${name} is missing`);
  }
  const wrong = (code: string): AlipayFailure => new AlipayFailure("40002", code, "invalid");
  if (parameters.app_id !== keys.appId) return wrong("isv.invalid-app-id");
  if (!known) return wrong("isv.invalid-method");
  if (parameters.sign_type !== "RSA2") return wrong("isv.invalid-signature-type");
  if (parameters.charset?.toLowerCase() !== "utf-8") return wrong("isv.invalid-charset");
  if ((parameters.format ?? "JSON").toUpperCase() !== "JSON") return wrong("isv.invalid-format");
  if (parameters.version !== "1.0") return wrong("isv.invalid-version");
  if (parseChinaTime(parameters.timestamp) === undefined) return wrong("isv.invalid-timestamp");
  return undefined;
}

/** Query and form together, each parameter once. */
function readParameters(request: StandinRequest): Readonly<Record<string, string>> | undefined {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? "")) return undefined;
  const parameters: Record<string, string> = Object.create(null);
  for (const source of [request.query, new URLSearchParams(request.body.toString("utf8"))]) {
    for (const [name, value] of source) {
      if (parameters[name] !== undefined) return undefined;
      parameters[name] = value;
    }
  }
  return parameters;
}

function nodeOf(answer: AlipayAnswer, bare?: true): string {
  const node =
    answer instanceof AlipayFailure
      ? {
          code: answer.code,
          msg: messages[answer.code] ?? "",
          sub_code: answer.subCode,
          sub_msg: answer.subMsg,
        }
      : { ...(bare ? {} : { code: "10000", msg: "Success" }), ...answer };
  // As the real one writes slashes: who parses and writes the node again checks another text than was signed.
  return JSON.stringify(node).replaceAll("/", "\\/");
}

function reply(name: string, node: string, signature?: string): StandinReply {
  const sign = signature === undefined ? "" : `,"sign":"${signature}"`;
  return {
    status: 200,
    headers: { "content-type": "text/html;charset=utf-8" },
    body: `{"${name}":${node}${sign}}`,
  };
}
