import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { Code, CoreErrors, RpcError } from "@sampan/core";
import { isRetryable, MiniProgramErrors } from "../index.js";
import {
  type ContractSubject,
  newOrder,
  payOf,
  persist,
  rejectsWithOneOf,
  startContractWorld,
  template,
} from "./contract-world.fixture.js";

/**
 * What every vendor's provider does, against its stand-in: logins, data, messages, and how failures look. Passed by all
 * of them, so whoever uses the interface need not know which one it has. Payments: `payContract`.
 */
export function providerContract(subject: ContractSubject): void {
  const { platform } = subject;

  test(`${platform}: flags say which members are there`, async (t) => {
    const { provider } = await startContractWorld(t, subject);
    const { capabilities } = provider;
    assert.equal(provider.name, platform);
    assert.equal(provider.phoneNumber !== undefined, capabilities.phoneNumber);
    assert.equal(provider.openData !== undefined, capabilities.openData);
    assert.equal(provider.checkSession !== undefined, capabilities.checkSession);
    assert.equal(provider.resetSession !== undefined, capabilities.checkSession);
    assert.equal(provider.messages !== undefined, capabilities.messages);
    assert.equal(provider.pay !== undefined, capabilities.pay);
  });

  test(`${platform}: a code is exchanged for the user, and only once`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code, openid } = await world.code();
    const login = await world.provider.login(code, world.call());
    assert.equal(login.subject, openid);
    assert.equal(login.sessionSecret !== undefined, world.provider.capabilities.sessionSecret);
    await rejectsWithOneOf(world.provider.login(code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID);
  });

  test(`${platform}: a user logs in again as the same one`, async (t) => {
    const world = await startContractWorld(t, subject);
    const openid = await world.user();
    for (let i = 0; i < 2; i++) {
      const { code } = await world.control("login-codes", { openid }, 201);
      assert.equal((await world.provider.login(code, world.call())).subject, openid);
    }
  });

  test(`${platform}: unknown, empty, absurd and expired codes are refused as credentials of the user`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code: expired } = await world.code();
    await world.clock.advance(300_000);
    for (const code of ["unknown", "", "x".repeat(100_000), "a&secret=b", "🍵", expired]) {
      const error = await world.provider.login(code, world.call()).catch((thrown) => thrown);
      assert.ok(MiniProgramErrors.LOGIN_CODE_INVALID.is(error), `${code.slice(0, 20)} gives ${inspect(error)}`);
      assert.equal(error.code, Code.Unauthenticated);
      assert.equal(isRetryable(error), false);
    }
  });

  test(`${platform}: a code of another platform is nobody's`, async (t) => {
    const world = await startContractWorld(t, subject);
    const other = platform === "wechat" ? "alipay" : "wechat";
    const { code } = (await (
      await fetch(`${world.standin.url}/_control/login-codes?platform=${other}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      })
    ).json()) as { code: string };
    assert.equal(typeof code, "string");
    await rejectsWithOneOf(world.provider.login(code, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID);
  });

  test(`${platform}: a blocked user cannot log in, where the vendor says so`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code, openid } = await world.code();
    await world.control(`users/${openid}/block`, { blocked: true });
    const login = world.provider.login(code, world.call());
    if (subject.blocksLogin) await rejectsWithOneOf(login, MiniProgramErrors.USER_BLOCKED);
    else assert.equal((await login).subject, openid);
  });

  test(`${platform}: the phone number, where the vendor gives it for what its button gave`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { phoneNumber } = world.provider;
    if (phoneNumber === undefined) return;
    const openid = await world.user();
    const { code } = await world.control("phone-codes", { openid, phoneNumber: "13912345678" }, 201);
    const number = await world.provider.phoneNumber?.(code, world.call());
    assert.deepEqual(number, { phoneNumber: "13912345678", purePhoneNumber: "13912345678", countryCode: "86" });
    const { code: login } = await world.code();
    for (const wrong of [
      "",
      "unknown",
      login,
      "{}",
      `${code.slice(0, 20)}${code[20] === "A" ? "B" : "A"}${code.slice(21)}`,
    ]) {
      const refused = world.provider.phoneNumber?.(wrong, world.call()) ?? assert.fail();
      await rejectsWithOneOf(refused, MiniProgramErrors.PHONE_CODE_INVALID, MiniProgramErrors.OPEN_DATA_INVALID);
    }
  });

  test(`${platform}: open data is opened with the secret of its login, and no other`, async (t) => {
    const world = await startContractWorld(t, subject);
    if (world.provider.openData === undefined) return;
    const { code, openid } = await world.code();
    const { sessionSecret = "" } = await world.provider.login(code, world.call());
    const open = (data: Parameters<NonNullable<typeof world.provider.openData>>[0], secret: string) =>
      world.provider.openData?.(data, secret, world.call()) ?? assert.fail();
    const answer = await world.control("open-data", { openid, data: { phoneNumber: "13912345678" } });
    const { rawData, signature, encryptedData, iv } = answer as unknown as Record<string, string>;
    const signed = { rawData: rawData ?? "", signature: signature ?? "" };
    const sealed = { encryptedData: encryptedData ?? "", iv: iv ?? "" };
    assert.equal((await open(signed, sessionSecret)).phoneNumber, "13912345678");
    assert.equal((await open(sealed, sessionSecret)).phoneNumber, "13912345678");
    const other = Buffer.alloc(16, 7).toString("base64");
    await rejectsWithOneOf(open(signed, other), MiniProgramErrors.OPEN_DATA_INVALID);
    await rejectsWithOneOf(open(sealed, other), MiniProgramErrors.OPEN_DATA_INVALID);
    const altered = { ...signed, rawData: signed.rawData.replace("139", "138") };
    await rejectsWithOneOf(open(altered, sessionSecret), MiniProgramErrors.OPEN_DATA_INVALID);
  });

  test(`${platform}: a message is sent once for each consent`, async (t) => {
    const world = await startContractWorld(t, subject);
    const messages = world.provider.messages ?? assert.fail();
    const openid = await world.user();
    const message = { openid, templateId: template, data: subject.message, page: "pages/order/order" };
    await rejectsWithOneOf(messages.send(message, world.call()), MiniProgramErrors.MESSAGE_REFUSED);
    await world.control("subscriptions", { openid, templateId: template });
    await messages.send(message, world.call());
    await rejectsWithOneOf(messages.send(message, world.call()), MiniProgramErrors.MESSAGE_REFUSED);
    const sent = (await world.control(`messages?openid=${openid}`)).messages;
    assert.deepEqual(
      sent.map(({ data, page }) => ({ data, page })),
      [{ data: subject.message, page: message.page }],
    );
  });

  test(`${platform}: a message of another template, or with other keywords, is refused and uses up no consent`, async (t) => {
    const world = await startContractWorld(t, subject);
    const messages = world.provider.messages ?? assert.fail();
    const openid = await world.user();
    await world.control("subscriptions", { openid, templateId: template });
    const message = { openid, templateId: template, data: subject.message };
    const { TEMPLATE_UNKNOWN, MESSAGE_INVALID } = MiniProgramErrors;
    const unknown = messages.send({ ...message, templateId: "nobody's" }, world.call());
    await rejectsWithOneOf(unknown, TEMPLATE_UNKNOWN, MESSAGE_INVALID);
    await rejectsWithOneOf(messages.send({ ...message, data: {} }, world.call()), MESSAGE_INVALID);
    await messages.send(message, world.call());
  });

  test(`${platform}: a busy platform costs a repetition at most`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code, openid } = await world.code();
    await world.faults("busy");
    assert.equal((await persist(() => world.provider.login(code, world.call()))).subject, openid);
    const order = await newOrder(world);
    await payOf(world).createOrder(order, world.call());
    await world.faults("busy");
    assert.equal((await persist(() => payOf(world).query(order.outTradeNo, world.call()))).state, "unpaid");
  });

  test(`${platform}: what stays busy, or is asked too often, is retryable in the end`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world);
    await payOf(world).createOrder(order, world.call());
    for (const kind of ["busy", "rate-limited"]) {
      await world.faults(kind, 5);
      const error = await payOf(world)
        .query(order.outTradeNo, world.call())
        .catch((thrown) => thrown);
      assert.ok(isRetryable(error), inspect(error));
      while (
        await payOf(world)
          .query(order.outTradeNo, world.call())
          .then(
            () => false,
            () => true,
          )
      );
    }
  });

  test(`${platform}: an answer that is not the platform's is an error of the platform`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code } = await world.code();
    await world.faults("garbage");
    await rejectsWithOneOf(world.provider.login(code, world.call()), MiniProgramErrors.PLATFORM_ANSWER_INVALID);
  });

  test(`${platform}: an aborted call stops waiting at once, and a deadline ends it`, async (t) => {
    const world = await startContractWorld(t, subject);
    const order = await newOrder(world);
    await payOf(world).createOrder(order, world.call());
    const { code } = await world.code();
    await world.faults("hang", 2);
    const aborted = world.call();
    const login = world.provider.login(code, aborted);
    const query = payOf(world).query(order.outTradeNo, world.call(1_000));
    const refused = [
      rejectsWithOneOf(login, CoreErrors.CANCELLED),
      rejectsWithOneOf(query, CoreErrors.DEADLINE_EXCEEDED),
    ];
    aborted.abort();
    await refused[0];
    await world.clock.advance(1_004);
    await refused[1];
    const late = world.provider.login(code, aborted);
    await rejectsWithOneOf(late, CoreErrors.CANCELLED);
  });

  test(`${platform}: one exchange has a limit of its own`, async (t) => {
    const world = await startContractWorld(t, subject);
    const silent = await startSilent(t);
    const provider = subject.open(world.keys, silent.url, world.clock);
    t.after(() => provider.close());
    const refused = rejectsWithOneOf(
      provider.login("a-code", world.call(60_000)),
      MiniProgramErrors.PLATFORM_NO_ANSWER,
    );
    await silent.arrived;
    await world.clock.advance(5_000);
    await refused;
  });

  test(`${platform}: secrets are in no error, however the platform fails`, async (t) => {
    const world = await startContractWorld(t, subject);
    const { code } = await world.code();
    const order = await newOrder(world);
    await payOf(world).createOrder(order, world.call());
    const failures: unknown[] = [];
    const fail = async (work: Promise<unknown>): Promise<void> => {
      const thrown = await work.then(
        () => undefined,
        (error) => error,
      );
      if (thrown !== undefined) failures.push(thrown);
    };
    for (const kind of ["drop", "garbage", "busy", "rate-limited", "forged"]) {
      await world.faults(kind, 4);
      for (let i = 0; i < 4; i++) await fail(payOf(world).query(order.outTradeNo, world.call()));
    }
    await fail(world.provider.login(`${code}x`, world.call()));
    await world.standin.close();
    await fail(world.provider.login(code, world.call()));
    await fail(payOf(world).query(order.outTradeNo, world.call()));
    assert.ok(failures.length >= 6);
    for (const failure of failures) {
      assert.ok(failure instanceof RpcError, inspect(failure));
      const told = inspect(failure, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
      for (const secret of [code, ...subject.secrets(world.keys)]) {
        assert.equal(told.includes(secret), false, `${secret} in ${told}`);
      }
    }
  });
}

/** Takes requests and never answers. */
async function startSilent(t: TestContext): Promise<{ url: string; arrived: Promise<void> }> {
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const server = createServer(() => arrive());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
}
