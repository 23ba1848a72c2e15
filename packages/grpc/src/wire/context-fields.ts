import { type Call, type EndUser, traceparent } from "@sampan/core";
import { decodePercent, encodeToken } from "./percent.js";

/**
 * What travels with a call between two Sampan processes, beside its metadata. Values are percent-encoded, so that a
 * tenant may have any name.
 *
 * | field | value |
 * |---|---|
 * | `traceparent` | W3C Trace Context |
 * | `x-sampan-caller` | the calling service |
 * | `x-sampan-tenant`, `x-sampan-release` | when they differ from the default |
 * | `x-sampan-user` | `subject;role,role`, and `;scope,scope` when there are any |
 * | `x-sampan-baggage` | `key=value,key=value` |
 */
export interface CallContext {
  readonly caller: string;
  readonly tenant: string | undefined;
  readonly releaseTag: string | undefined;
  readonly user: EndUser | undefined;
  readonly baggage: ReadonlyMap<string, string> | undefined;
}

/** Appends what differs from call to call; `x-sampan-caller` is part of the constant headers. */
export function appendContext(fields: string[], call: Call): void {
  fields.push("traceparent", traceparent(call.trace));
  if (call.tenant !== "default") fields.push("x-sampan-tenant", encodeToken(call.tenant));
  if (call.releaseTag !== "") fields.push("x-sampan-release", encodeToken(call.releaseTag));
  if (call.user !== undefined) fields.push("x-sampan-user", encodeUser(call.user));
  if (call.baggage.size > 0) fields.push("x-sampan-baggage", encodeBaggage(call.baggage));
}

/** The `x-sampan-*` fields of a request; undefined when there is none. */
export function readContext(fields: readonly string[]): CallContext | undefined {
  let found = false;
  let caller = "";
  let tenant: string | undefined;
  let releaseTag: string | undefined;
  let user: EndUser | undefined;
  let baggage: ReadonlyMap<string, string> | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!name.startsWith("x-sampan-")) continue;
    found = true;
    const value = fields[i + 1] as string;
    if (name === "x-sampan-caller") caller = decodePercent(value);
    else if (name === "x-sampan-tenant") tenant = decodePercent(value);
    else if (name === "x-sampan-release") releaseTag = decodePercent(value);
    else if (name === "x-sampan-user") user = decodeUser(value);
    else if (name === "x-sampan-baggage") baggage = decodeBaggage(value);
  }
  return found ? { caller, tenant, releaseTag, user, baggage } : undefined;
}

function encodeUser({ subject, roles, scopes = [] }: EndUser): string {
  const named = `${encodeToken(subject)};${roles.map(encodeToken).join(",")}`;
  return scopes.length === 0 ? named : `${named};${scopes.map(encodeToken).join(",")}`;
}

function decodeUser(value: string): EndUser {
  const [subject = "", roles = "", scopes = ""] = value.split(";");
  const user = { subject: decodePercent(subject), roles: decodeNames(roles) };
  return scopes === "" ? user : { ...user, scopes: decodeNames(scopes) };
}

function decodeNames(names: string): readonly string[] {
  return names === "" ? [] : names.split(",").map(decodePercent);
}

function encodeBaggage(baggage: ReadonlyMap<string, string>): string {
  return [...baggage].map(([key, value]) => `${encodeToken(key)}=${encodeToken(value)}`).join(",");
}

function decodeBaggage(value: string): ReadonlyMap<string, string> {
  const baggage = new Map<string, string>();
  for (const pair of value.split(",")) {
    const equals = pair.indexOf("=");
    if (equals > 0) baggage.set(decodePercent(pair.slice(0, equals)), decodePercent(pair.slice(equals + 1)));
  }
  return baggage;
}
