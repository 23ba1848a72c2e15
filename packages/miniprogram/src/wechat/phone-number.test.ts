import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../errors.js";
import type { PhoneNumber } from "../provider.js";
import { rejectsWith, startWorld, type World } from "../standin/world.fixture.js";

const ask = (world: World, code: string): Promise<PhoneNumber> =>
  world.provider.phoneNumber?.(code, world.call()) ?? assert.fail();

async function phoneCode(world: World, phoneNumber = "13800138000"): Promise<string> {
  return (await world.control("phone-codes", { openid: await world.user(), phoneNumber }, 201)).code;
}

test("a phone code gives the number, and works once", async (t) => {
  const world = await startWorld(t);
  const code = await phoneCode(world);
  assert.deepEqual(await ask(world, code), {
    phoneNumber: "13800138000",
    purePhoneNumber: "13800138000",
    countryCode: "86",
  });
  await rejectsWith(ask(world, code), MiniProgramErrors.PHONE_CODE_INVALID, "40163");
});

test("a phone code lives five minutes, to the millisecond", async (t) => {
  const world = await startWorld(t);
  const [early, late] = [await phoneCode(world), await phoneCode(world)];
  await world.clock.advance(299_999);
  await ask(world, early);
  await world.clock.advance(1);
  await rejectsWith(ask(world, late), MiniProgramErrors.PHONE_CODE_INVALID, "40029");
});

test("a login code is no phone code, nor the other way round", async (t) => {
  const world = await startWorld(t);
  const login = await world.control("login-codes", {}, 201);
  await rejectsWith(ask(world, login.code), MiniProgramErrors.PHONE_CODE_INVALID, "40029");
  const phone = await phoneCode(world);
  await rejectsWith(world.provider.login(phone, world.call()), MiniProgramErrors.LOGIN_CODE_INVALID, "40029");
  for (const code of ["", "x".repeat(257)]) {
    await rejectsWith(ask(world, code), MiniProgramErrors.PHONE_CODE_INVALID, "none");
  }
});

test("a code whose answer is lost is not sent again; one that found the platform busy is", async (t) => {
  const world = await startWorld(t);
  await ask(world, await phoneCode(world));
  const path = "/wxa/business/getuserphonenumber";
  const lost = await phoneCode(world);
  await world.control("faults", { kind: "drop-after", path });
  await rejectsWith(ask(world, lost), MiniProgramErrors.PLATFORM_NO_ANSWER);
  await rejectsWith(ask(world, lost), MiniProgramErrors.PHONE_CODE_INVALID, "40163");
  await world.control("faults", { kind: "busy", path });
  await ask(world, await phoneCode(world));
});

test("the minute's quota passes, or is reset by the test", async (t) => {
  const world = await startWorld(t, { rules: { phoneNumbersPerMinute: 1 } });
  await ask(world, await phoneCode(world));
  const code = await phoneCode(world);
  await rejectsWith(ask(world, code), MiniProgramErrors.RATE_LIMITED, "45011");
  await world.control("quotas/reset", { name: "phone-numbers-minute" });
  await ask(world, code);
  await rejectsWith(ask(world, await phoneCode(world)), MiniProgramErrors.RATE_LIMITED);
  await world.clock.advance(60_000);
  await ask(world, await phoneCode(world));
  await world.control("quotas/reset", { name: "none" }, 400);
});

test("control refuses a number that is none, and users it does not know", async (t) => {
  const world = await startWorld(t);
  await world.control("phone-codes", { openid: await world.user(), phoneNumber: "12" }, 400);
  await world.control("phone-codes", { openid: "oNobody" }, 404);
});
