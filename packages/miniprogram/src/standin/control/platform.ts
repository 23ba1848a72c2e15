import { integerField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { wrong } from "./control-reply.js";
import { type FaultKind, type Faults, faultKinds } from "./faults.js";

/** The platform itself: its time, its tokens, and what goes wrong with it. `settled`: no callback is under way. */
export function platformRoutes(
  context: StandinContext,
  faults: Faults,
  ownsTime: boolean,
  settled: () => Promise<void>,
): Route[] {
  return [
    {
      method: "POST",
      path: /^\/_control\/clock\/advance$/,
      handle: (request) => advance(request, context, ownsTime, settled),
    },
    { method: "POST", path: /^\/_control\/faults$/, handle: (request) => orderFault(request, faults) },
    { method: "POST", path: /^\/_control\/quotas\/reset$/, handle: (request) => resetQuota(request, context) },
    {
      method: "POST",
      path: /^\/_control\/access-tokens\/revoke$/,
      handle: () => {
        context.store.commit({ type: "tokens-limited", expiresAt: context.clock.now() });
        return json(200, {});
      },
    },
  ];
}

/** At most this far in one go: a year, ms. */
const longestAdvance = 366 * 86_400_000;

async function advance(
  request: StandinRequest,
  context: StandinContext,
  ownsTime: boolean,
  settled: () => Promise<void>,
): Promise<StandinReply> {
  const ms = integerField(jsonBody(request), "ms");
  if (ms === undefined || ms < 0 || ms > longestAdvance) return wrong("ms is 0 to a year");
  if (!ownsTime) return json(409, { error: "this stand-in was given a clock; move that one" });
  await context.clock.advance(ms, settled);
  return json(200, { now: context.clock.now() });
}

/** A quota's window begins again. */
function resetQuota(request: StandinRequest, context: StandinContext): StandinReply {
  const { quotas } = context;
  const reset = quotas.reset(textField(jsonBody(request), "name"));
  return reset ? json(200, { names: quotas.names }) : wrong(`name is one of ${quotas.names.join(", ")}`);
}

function orderFault(request: StandinRequest, faults: Faults): StandinReply {
  const body = jsonBody(request);
  const kind = faultKinds.find((known): known is FaultKind => known === body?.kind);
  const times = body?.times === undefined ? 1 : (integerField(body, "times") ?? 0);
  if (kind === undefined) return wrong(`kind is one of ${faultKinds.join(", ")}`);
  if (times < 1 || times > 10_000) return wrong("times is 1 to 10000");
  faults.order(kind, textField(body, "path") ?? "/", times);
  return json(200, {});
}
