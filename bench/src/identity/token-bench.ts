import { createHash, createHmac, randomUUID } from "node:crypto";
import { systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import {
  createTokenKeys,
  Revocations,
  type SigningCrypto,
  signatureHeader,
  signatureVerifier,
  signRequest,
  type TokenAlgorithm,
  tokenIssuer,
  tokenVerifier,
} from "@sampan/identity";
import type { IdentityCase } from "./identity-bench.js";

const names = { issuer: "bench", audience: "bench" };
const tokensInUse = 1000;

/** Checking tokens: those seen before, among a thousand in use and ten thousand revocations; and those that are new. */
export const tokenCases: readonly IdentityCase[] = (["EdDSA", "RS256"] as const).flatMap((algorithm) => [
  { name: `check a token, seen before (${algorithm})`, calls: 200_000, prepare: () => checker(algorithm, 10_000) },
  { name: `check a token, new (${algorithm})`, calls: 3000, prepare: () => checker(algorithm, 0) },
]);

async function checker(algorithm: TokenAlgorithm, cacheSize: number): Promise<() => Promise<unknown>> {
  const keys = await createTokenKeys(algorithm);
  const issuer = tokenIssuer({ keys, ...names });
  const revocations = new Revocations();
  const now = systemClock.now();
  for (let i = 0; i < 10_000; i++)
    revocations.add(
      { kind: i % 2 ? "session" : "subject", id: `gone ${i}`, notBefore: now, until: now + 7_200_000 },
      now,
    );
  const verifier = tokenVerifier({ keys: keys.publicKeys, ...names, cacheSize, revocations });
  const tokens: Buffer[] = [];
  for (let i = 0; i < tokensInUse; i++) {
    const claims = { subject: `user ${i}`, roles: ["user"], tenant: "shop", session: `session ${i}` };
    tokens.push(Buffer.from((await issuer.issue(claims)).token));
  }
  let next = 0;
  // A new string each time, as a header is: its hash has not been computed yet.
  return () => verifier.verify((tokens[next++ % tokensInUse] as Buffer).toString("latin1"));
}

const crypto: SigningCrypto = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  hmacSha256: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
};

const key = { id: "session", secret: "a secret of a session" };
const body = "x".repeat(1024);
const target = "/v1/orders";

function signed(): string {
  const request = { method: "POST", target, body, now: systemClock.now(), nonce: randomUUID() };
  return signRequest(request, key, crypto)[signatureHeader] as string;
}

/** Checks of signed requests with their bodies, each with its own nonce, and the replay store in memory. */
function checkerOfRequests(): (header: string | undefined) => Promise<void> {
  const verify = signatureVerifier({ keyOf: async () => key, nonces: memoryKeyValue() });
  const bytes = Buffer.from(body);
  return async (header) => {
    const check = await verify({ method: "POST", target, header, keyId: "session" });
    check(bytes);
  };
}

/** Requests of 1 KB. */
export const signatureCases: readonly IdentityCase[] = [
  { name: "sign a request, 1 KB", calls: 20_000, prepare: async () => async () => signed() },
  {
    name: "check a signed request, 1 KB",
    calls: 20_000,
    async prepare() {
      const check = checkerOfRequests();
      const headers = Array.from({ length: 60_000 }, signed);
      let next = 0;
      return () => check(headers[next++]);
    },
  },
  {
    name: "sign and check a request, 1 KB",
    calls: 20_000,
    async prepare() {
      const check = checkerOfRequests();
      return () => check(signed());
    },
  },
];
