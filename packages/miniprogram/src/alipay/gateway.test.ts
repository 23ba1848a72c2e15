import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { newOrder, payOf, rejectsWithOneOf, startContractWorld } from "../contract/contract-world.fixture.js";
import { alipay } from "../contract/subjects.fixture.js";
import { MiniProgramErrors } from "../errors.js";
import { standinAlipayConfiguration } from "../standin/index.js";
import { alipayProvider } from "./provider.js";
import { signedText } from "./signed-text.js";

test("what is signed is sorted by name, without empty values and without what is left out", () => {
  const parameters = {
    method: "m",
    app_id: "1",
    empty: "",
    biz_content: '{"a":"b&c=d"}',
    sign: "s",
    sign_type: "RSA2",
  };
  assert.equal(signedText(parameters, ["sign"]), 'app_id=1&biz_content={"a":"b&c=d"}&method=m&sign_type=RSA2');
  assert.equal(signedText(parameters, ["sign", "sign_type"]), 'app_id=1&biz_content={"a":"b&c=d"}&method=m');
});

test("an answer that is not signed by Alipay is no answer", async (t) => {
  const world = await startContractWorld(t, alipay);
  const order = await newOrder(world);
  for (const kind of ["forged", "unsigned"]) {
    await world.faults(kind);
    const created = payOf(world).createOrder(order, world.call());
    await rejectsWithOneOf(created, MiniProgramErrors.PLATFORM_ANSWER_FORGED);
  }
  // It may have taken effect, so it is repeated with the same arguments.
  assert.ok((await payOf(world).createOrder(order, world.call())).prepayId.length > 0);
});

test("a failure that is signed must be signed well; one without signature is believed", async (t) => {
  const world = await startContractWorld(t, alipay);
  await world.faults("forged");
  await rejectsWithOneOf(payOf(world).query("nobody_s", world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
  await world.faults("unsigned");
  await rejectsWithOneOf(payOf(world).query("nobody_s", world.call()), MiniProgramErrors.PAY_NOT_FOUND);
});

test("a wrong key or app is our fault; what the gateway repeats of the request is not told", async (t) => {
  const world = await startContractWorld(t, alipay);
  const right = standinAlipayConfiguration(world.keys.vendors, world.standin.url);
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  for (const [wrong, platformCode] of [
    [{ privateKey }, "isv.invalid-signature"],
    [{ appId: "2021000000000001" }, "isv.invalid-app-id"],
  ] as const) {
    const provider = alipayProvider({ ...right, ...wrong }, { clock: world.clock });
    t.after(() => provider.close());
    const { code } = await world.code();
    const error = await provider.login(code, world.call()).catch((thrown) => thrown);
    assert.ok(MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS.is(error), inspect(error));
    assert.equal(error.info?.metadata.platform_code, platformCode);
    assert.equal(inspect(error, { depth: 20, showHidden: true }).includes(code), false);
  }
});

test("a provider with another public key believes no answer", async (t) => {
  const world = await startContractWorld(t, alipay);
  const right = standinAlipayConfiguration(world.keys.vendors, world.standin.url);
  const ours = world.keys.vendors.alipay.app.publicKey;
  const provider = alipayProvider({ ...right, alipayPublicKey: ours }, { clock: world.clock });
  t.after(() => provider.close());
  const { code } = await world.code();
  await rejectsWithOneOf(provider.login(code, world.call()), MiniProgramErrors.PLATFORM_ANSWER_FORGED);
});

test("what is wrong with a configuration is said all at once, and without its secrets", () => {
  const wrong = {
    appId: "",
    privateKey: "-----BEGIN PRIVATE KEY-----\nnot-really-base64\n-----END PRIVATE KEY-----",
    alipayPublicKey: "nothing",
    gatewayUrl: "ftp://openapi.example/gateway.do",
    contentKey: "c2hvcnQ=",
  };
  assert.throws(
    () => alipayProvider(wrong),
    (error) => {
      assert.ok(MiniProgramErrors.CONFIGURATION_INVALID.is(error));
      for (const name of ["appId", "privateKey", "alipayPublicKey", "gatewayUrl", "contentKey"]) {
        assert.match(error.message, new RegExp(name));
      }
      assert.doesNotMatch(inspect(error), /not-really-base64|c2hvcnQ=/);
      return true;
    },
  );
});
