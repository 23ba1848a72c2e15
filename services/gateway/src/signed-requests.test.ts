import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { Code, implement, type Method, methods, RpcError } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { type SigningCrypto, signatureHeader, signRequest } from "@sampan/identity";
import { createFakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { issuerOf, signingKeys } from "./issuer.js";
import { signedRequests } from "./signed-requests.js";

const clock = createFakeClock();
const crypto: SigningCrypto = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  hmacSha256: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
};
const secrets = new Map([
  ["s1", "one"],
  ["s2", "two"],
]);
let asked = 0;
const none = () => ({});
const auth = implement(AuthService, {
  loginByCode: none,
  loginOperator: none,
  loginByPassword: none,
  refresh: none,
  logout: none,
  logoutEverywhere: none,
  bindPhone: none,
  getKeySet: () => ({ body: { data: new TextEncoder().encode('{"keys":[]}') } }),
  validateToken: none,
  listRevocations: ({ after }) => ({
    revocations: [
      { kind: 1, id: "s9", notBefore: 1n, until: 2n },
      { kind: 2, id: "u9", notBefore: 3n, until: 4n },
    ],
    last: after + 2n,
  }),
  getSigningKey({ keyId }) {
    asked++;
    const secret = secrets.get(keyId);
    if (secret === undefined) throw new RpcError(Code.NotFound, "there is no such session");
    return { secret };
  },
});
let memory: InMemory;
before(async () => {
  memory = await serveInMemory(() => [auth], clock);
});
after(() => memory.close());

const [getMe, updateMe] = ["GetMe", "UpdateMe"].map((name) =>
  methods(UserService).find((method) => method.name === name),
) as [Method, Method];
const claims = (session: string | undefined, role = "user") => ({
  ...{ subject: "u", roles: [role], tenant: "t" },
  ...(session === undefined ? {} : { session }),
});
const policy = () =>
  signedRequests({
    runtime: memory.runtime,
    nonces: memoryKeyValue({ clock }),
    roles: ["user"],
    except: ["/user.v1.UserService/GetMe"],
    windowMs: 300_000,
  });

test("the setting says which roles sign, and which methods need no signature", () => {
  const { requires } = policy();
  assert.equal(requires(updateMe, claims("s1")), true);
  assert.equal(requires(getMe, claims("s1")), false);
  assert.equal(requires(updateMe, claims("s1", "operator")), false);
  assert.equal(requires(updateMe, undefined), false, "a public method");
});

test("a token goes with a signature of its own session only", async () => {
  const { verify } = policy();
  const target = "/v1/users/me";
  let nonces = 0;
  const attempt = (signer: string, session: string | undefined) => {
    const request = { method: "PUT", target, body: "", now: clock.now(), nonce: `nonce-of-the-test-${nonces++}` };
    const key = { id: signer, secret: secrets.get(signer) ?? "made up" };
    const header = signRequest(request, key, crypto)[signatureHeader];
    return verify({ method: "PUT", target, header, claims: claims(session) }).then(
      () => "taken",
      (error: RpcError) => error.reason,
    );
  };
  assert.equal(await attempt("s1", "s1"), "taken");
  assert.equal(await attempt("s2", "s1"), "SIGNATURE_INVALID");
  assert.equal(await attempt("s1", undefined), "SIGNATURE_INVALID");
  assert.equal(await attempt("ended", "ended"), "SIGNATURE_INVALID");
});

test("a request that one gateway has taken is refused by the next one, and by all when nobody can say", async () => {
  const nonces = memoryKeyValue({ clock });
  const options = { runtime: memory.runtime, roles: ["user"], except: [], windowMs: 300_000 };
  const [one, two] = [signedRequests({ ...options, nonces }), signedRequests({ ...options, nonces })];
  const away = () => Promise.reject(new RpcError(Code.Unavailable, "the store is away"));
  const alone = signedRequests({ ...options, nonces: { ...nonces, compareAndSet: away } });
  const signed = (nonce: string) => {
    const request = { method: "PUT", target: "/v1/users/me", body: "", now: clock.now(), nonce };
    const header = signRequest(request, { id: "s1", secret: "one" }, crypto)[signatureHeader];
    return { method: "PUT", target: "/v1/users/me", header, claims: claims("s1") };
  };
  const outcome = (work: Promise<unknown>) =>
    work.then(() => "taken").catch((error: RpcError) => error.reason || error.code);
  assert.equal(await outcome(one.verify(signed("nonce-of-two-gateways-1"))), "taken");
  assert.equal(await outcome(two.verify(signed("nonce-of-two-gateways-1"))), "SIGNATURE_REPLAYED");
  assert.equal(await outcome(alone.verify(signed("nonce-of-two-gateways-2"))), Code.Unavailable);
});

test("a session's key is asked for once in a while, so one that has ended is soon unknown", async () => {
  const keyOf = signingKeys(memory.runtime);
  asked = 0;
  secrets.set("s3", "three");
  for (let i = 0; i < 3; i++) assert.equal((await keyOf("s3"))?.secret, "three");
  assert.equal(asked, 1);
  secrets.delete("s3");
  await clock.advance(5000);
  assert.equal(await keyOf("s3"), undefined);
});

test("the issuer's answers become keys and revocations", async () => {
  const issuer = issuerOf(memory.runtime);
  assert.deepEqual(await issuer.keys(), { keys: [] });
  assert.deepEqual(await issuer.revocations(5), {
    last: 7,
    revocations: [
      { kind: "session", id: "s9", notBefore: 1, until: 2 },
      { kind: "subject", id: "u9", notBefore: 3, until: 4 },
    ],
  });
});
