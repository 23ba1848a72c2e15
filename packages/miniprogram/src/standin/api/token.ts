import { randomBytes } from "node:crypto";
import { textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Quota } from "../quota.js";
import { failure } from "./api-reply.js";

const tokenMs = 7_200_000;
/** In the last five minutes of a token's life another is given; both are valid until the old one ends. */
const overlapMs = 300_000;
const dayMs = 86_400_000;
/** The vendor asks callers to reserve 512 characters. */
const tokenBytes = 384;

interface Quotas {
  readonly perMinute: Quota;
  readonly perDay: Quota;
  readonly forcedPerDay: Quota;
  readonly forcedSpacing: Quota;
}

/** `POST /cgi-bin/stable_token`. */
export function tokenRoutes(context: StandinContext): Route[] {
  const { quotas: all, rules } = context;
  const quotas = {
    perMinute: all.open("tokens-minute", rules.tokensPerMinute, 60_000),
    perDay: all.open("tokens-day", rules.tokensPerDay, dayMs),
    forcedPerDay: all.open("forced-tokens-day", rules.forcedTokensPerDay, dayMs),
    forcedSpacing: all.open("forced-tokens-spacing", 1, rules.forcedTokenSpacingMs),
  };
  return [
    { method: "POST", path: /^\/cgi-bin\/stable_token$/, handle: (request) => stableToken(request, context, quotas) },
  ];
}

/** 0 for a token that is valid now, else the vendor's code. */
function checkToken(token: string, context: StandinContext): number {
  if (token === "") return 41001;
  const entry = context.store.state.tokens.find((candidate) => candidate.token === token);
  if (entry === undefined) return 40001;
  return entry.expiresAt > context.clock.now() ? 0 : 42001;
}

/** The failure of a request whose `access_token` is not valid now; undefined when it is. */
export function tokenFailure(request: StandinRequest, context: StandinContext): StandinReply | undefined {
  const errcode = checkToken(request.query.get("access_token") ?? "", context);
  if (errcode === 0) return undefined;
  return failure(errcode, "invalid credential, access_token is invalid or not latest");
}

function stableToken(request: StandinRequest, context: StandinContext, quotas: Quotas): StandinReply {
  const body = jsonBody(request);
  if (body === undefined) return failure(47001, "data format error");
  if (textField(body, "appid") === undefined) return failure(41002, "appid missing");
  if (textField(body, "secret") === undefined) return failure(41004, "appsecret missing");
  if (textField(body, "grant_type") !== "client_credential") return failure(40002, "invalid grant_type");
  if (textField(body, "appid") !== context.keys.appId) return failure(40013, "invalid appid");
  if (textField(body, "secret") !== context.keys.appSecret) return failure(40125, "invalid appsecret");
  if (!quotas.perMinute.use()) return failure(45011, "api minute-quota reach limit");
  if (!quotas.perDay.use()) return failure(45009, "reach max api daily quota limit");
  return body.force_refresh === true ? forced(context, quotas) : normal(context);
}

function normal(context: StandinContext): StandinReply {
  const now = context.clock.now();
  const current = context.store.state.tokens.at(-1);
  const left = (current?.expiresAt ?? 0) - now;
  if (current === undefined || left <= overlapMs) return issue(context);
  return json(200, { access_token: current.token, expires_in: Math.floor(left / 1000) });
}

function forced(context: StandinContext, quotas: Quotas): StandinReply {
  if (!quotas.forcedSpacing.use()) return failure(45011, "api minute-quota reach limit");
  if (!quotas.forcedPerDay.use()) return failure(45009, "reach max api daily quota limit");
  context.store.commit({ type: "tokens-limited", expiresAt: context.clock.now() });
  return issue(context);
}

function issue(context: StandinContext): StandinReply {
  const token = randomBytes(tokenBytes).toString("base64url");
  context.store.commit({ type: "token", token, expiresAt: context.clock.now() + tokenMs });
  return json(200, { access_token: token, expires_in: tokenMs / 1000 });
}
