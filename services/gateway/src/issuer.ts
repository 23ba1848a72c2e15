import { AuthService, Revocation_Kind } from "@sampan/contracts/auth/v1/auth_pb.js";
import { type Call, Code, RpcError, type Runtime } from "@sampan/core";
import type { IssuerSource, PublicTokenKeys } from "@sampan/identity";

/** What the auth service publishes, asked for on root calls of the gateway. */
export function issuerOf(runtime: Runtime): IssuerSource {
  const ask = <T>(name: string, work: (call: Call) => Promise<T>): Promise<T> => runtime.run({ name }, work);
  return {
    keys: () =>
      ask("tokens/keys", async (call) => {
        const { body } = await call.to(AuthService).getKeySet({});
        return JSON.parse(new TextDecoder().decode(body?.data)) as PublicTokenKeys;
      }),
    revocations: (after) =>
      ask("tokens/revocations", async (call) => {
        const answer = await call.to(AuthService).listRevocations({ after: BigInt(after) });
        const revocations = answer.revocations.map(({ kind, id, notBefore, until }) => ({
          kind: kind === Revocation_Kind.SESSION ? ("session" as const) : ("subject" as const),
          id,
          notBefore: Number(notBefore),
          until: Number(until),
        }));
        return { revocations, last: Number(answer.last) };
      }),
  };
}

/** Sessions' signing keys, kept for a moment: one that has ended is not believed for longer than that. */
const keyMs = 5000;
const maxKeys = 10_000;

/** Asks the auth service for the keys that requests are signed with. */
export function signingKeys(runtime: Runtime): (keyId: string) => Promise<{ readonly secret: string } | undefined> {
  const known = new Map<string, { readonly secret: string; readonly until: number }>();
  return async (keyId) => {
    const now = runtime.clock.monotonic();
    const held = known.get(keyId);
    if (held !== undefined && held.until > now) return held;
    known.delete(keyId);
    try {
      const { secret } = await runtime.run({ name: "tokens/signing-key" }, (call) =>
        call.to(AuthService).getSigningKey({ keyId }),
      );
      if (known.size >= maxKeys) known.clear();
      known.set(keyId, { secret, until: now + keyMs });
      return { secret };
    } catch (error) {
      if (RpcError.from(error).code === Code.NotFound) return undefined;
      throw error;
    }
  };
}
