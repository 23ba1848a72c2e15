import { join } from "node:path";
import type { Clock } from "@sampan/core";
import { createTokenKeys, loadOrCreateTokenKeys, tokenIssuer } from "@sampan/identity";
import type { Door, Refusal } from "./door.fixture.js";

const refused = (reason: string): Refusal => ({ status: 401, code: "UNAUTHENTICATED", reason });
const missing = refused("TOKEN_MISSING");
const invalid = refused("TOKEN_INVALID");

const names = { issuer: "sampan", audience: "sampan" };

/** A clock that stands still, so far from now. */
function clockAt(offsetMs: number): Clock {
  const now = Date.now() + offsetMs;
  return { now: () => now, monotonic: () => 0, timer: () => () => {} };
}

function parts(token: string): { header: object; payload: object; signature: string } {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const decoded = (part: string): object => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: decoded(header), payload: decoded(payload), signature };
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Authorization headers that let nobody in, made from a good token of the user. */
export async function tokenCases(door: Door): Promise<readonly (readonly [string, string | undefined, Refusal])[]> {
  const { token, userId: subject } = door.user;
  const { header, payload, signature } = parts(token);
  const claims = { subject, roles: ["user"], tenant: "default" };
  const ours = await loadOrCreateTokenKeys(join(door.data, "tokens"));
  const issue = async (options: Partial<Parameters<typeof tokenIssuer>[0]>): Promise<string> =>
    (await tokenIssuer({ ...names, keys: ours, ...options }).issue(claims)).token;
  const operator = { ...payload, sub: "operator", roles: ["operator", "user"] };
  return [
    ["no header", undefined, missing],
    ["an empty header", "", missing],
    ["the scheme alone", "Bearer", missing],
    ["another scheme", `Basic ${Buffer.from("user:password").toString("base64")}`, missing],
    ["a token without a scheme", token, missing],
    ["two tokens", `Bearer ${token} ${token}`, missing],
    ["garbage", "Bearer garbage", invalid],
    ["three parts of garbage", "Bearer a.b.c", invalid],
    ["a token of a megabyte less a little", `Bearer ${"a".repeat(5000)}`, invalid],
    ["no signature", `Bearer ${encoded(header)}.${encoded(payload)}.`, invalid],
    ["alg none", `Bearer ${encoded({ ...header, alg: "none" })}.${encoded(payload)}.`, invalid],
    [
      "alg none, with the old signature",
      `Bearer ${encoded({ ...header, alg: "none" })}.${encoded(payload)}.${signature}`,
      invalid,
    ],
    ["alg HS256", `Bearer ${encoded({ ...header, alg: "HS256" })}.${encoded(payload)}.${signature}`, invalid],
    ["other claims under the old signature", `Bearer ${encoded(header)}.${encoded(operator)}.${signature}`, invalid],
    ["a key of the forger's own", `Bearer ${await issue({ keys: await createTokenKeys() })}`, invalid],
    [
      "a key of the forger's own, under our key's id",
      `Bearer ${await issue({ keys: { ...(await createTokenKeys()), kid: ours.kid } })}`,
      invalid,
    ],
    ["another audience", `Bearer ${await issue({ audience: "elsewhere" })}`, invalid],
    ["another issuer", `Bearer ${await issue({ issuer: "elsewhere" })}`, invalid],
    ["a token from the future", `Bearer ${await issue({ clock: clockAt(3_600_000) })}`, invalid],
    ["a token that has expired", `Bearer ${await issue({ clock: clockAt(-8_000_000) })}`, refused("TOKEN_EXPIRED")],
  ];
}
