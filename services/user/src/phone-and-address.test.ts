import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AddressService } from "@sampan/contracts/user/v1/address_pb.js";
import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, RpcError } from "@sampan/core";
import { openSqlite, type SqliteSql } from "@sampan/data";
import { createFakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { addressService } from "./address-service.js";
import { maxAddresses } from "./domain/address.js";
import { maskPhone } from "./domain/phone.js";
import { phoneService } from "./phone-service.js";
import { type UserTables, userSchema } from "./schema.js";
import { addressStore } from "./store/address-store.js";
import { userStore } from "./store.js";
import { userService } from "./user-service.js";

const clock = createFakeClock();
const folder = mkdtempSync(join(tmpdir(), "sampan-phone-"));
let sql: SqliteSql<UserTables>;
let memory: InMemory;
before(async () => {
  sql = await openSqlite<UserTables>({ file: join(folder, "user.db"), schemas: [userSchema], clock });
  const store = userStore(sql);
  memory = await serveInMemory(
    () => [userService({ store, clock }), phoneService({ store }), addressService({ store: addressStore(sql), clock })],
    clock,
  );
});
after(async () => {
  await memory.close();
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const of = <T>(userId: string, work: (addresses: Client<typeof AddressService>) => Promise<T>): Promise<T> =>
  memory.runtime.run({ name: "test" }, async (root) => {
    await clock.advance(1);
    return work(root.to(AddressService, { user: { subject: userId, roles: ["user"] } }));
  });
const reason = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "ok";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error.reason ?? "";
  }
};
const home = { recipient: "Lin", phone: "138 1234 5678", city: "上海", street: "1 Bund" };
const create = async (userId: string, change: object = {}) =>
  (await of(userId, (addresses) => addresses.createAddress({ address: { ...home, ...change } }))).address;
const list = async (userId: string) =>
  (await of(userId, (addresses) => addresses.listAddresses({}))).addresses.map(({ addressId, isDefault }) => [
    addressId,
    isDefault,
  ]);

test("phone masking: who has not the scope sees a part of the number, and logs and profiles never see all of it", async () => {
  const { user } = await memory.runtime.run({ name: "test" }, (root) =>
    root.to(UserService).ensureUser({ provider: "wechat", openid: "ann" }),
  );
  const userId = user?.userId ?? "";
  const phones = <T>(work: (client: Client<typeof PhoneService>) => Promise<T>, scopes?: string[]): Promise<T> =>
    memory.runtime.run({ name: "test" }, (root) =>
      work(
        root.to(PhoneService, {
          user: { subject: "op", roles: ["operator"], ...(scopes === undefined ? {} : { scopes }) },
        }),
      ),
    );
  const bound = await phones((client) => client.bindPhone({ userId, number: "13812345678", countryCode: "86" }));
  assert.equal(bound.phone, "138****5678");
  const get = async (scopes?: string[]) => (await phones((client) => client.getPhone({ userId }), scopes)).phone;
  assert.equal(await get(), "138****5678");
  assert.equal(await get(["users.phones", "phone"]), "138****5678");
  assert.equal(await get(["users.phone"]), "13812345678");
  const me = await memory.runtime.run({ name: "test" }, (root) =>
    root.to(UserService, { user: { subject: userId, roles: ["user"] } }).getMe({}),
  );
  assert.equal(me.profile?.phone, "138****5678");
  assert.equal(await reason(phones((client) => client.getPhone({ userId: "ghost" }))), "UNKNOWN_USER");
});

test("who sends to a number gets it whole; who has bound none, or is nobody, has none", async () => {
  const run = <T>(work: (client: Client<typeof PhoneService>) => Promise<T>): Promise<T> =>
    memory.runtime.run({ name: "test" }, (root) => work(root.to(PhoneService)));
  const { user } = await memory.runtime.run({ name: "test" }, (root) =>
    root.to(UserService).ensureUser({ provider: "wechat", openid: "bea" }),
  );
  const userId = user?.userId ?? "";
  assert.equal(await reason(run((client) => client.revealPhone({ userId }))), "NO_PHONE");
  assert.equal(await reason(run((client) => client.revealPhone({ userId: "ghost" }))), "NO_PHONE");
  await run((client) => client.bindPhone({ userId, number: "13900001111", countryCode: "86" }));
  const { number, countryCode } = await run((client) => client.revealPhone({ userId }));
  assert.deepEqual([number, countryCode], ["13900001111", "86"]);
});

test("a mask shows at most half of a short number, and nothing of a very short one", () => {
  for (const number of ["", "1", "1234", "12345", "12345678", "13812345678", "123456789012345"]) {
    const shown = maskPhone(number).replace("****", "").length;
    assert.ok(shown <= Math.max(0, Math.min(7, number.length - 3)), number);
  }
  assert.equal(maskPhone("1234"), "****");
  assert.equal(maskPhone(""), "");
});

test("the first address is the default; another one can be; deleting it makes the newest of the others that", async () => {
  const [a, b, c] = [await create("u1"), await create("u1"), await create("u1")];
  assert.deepEqual(await list("u1"), [
    [a?.addressId, true],
    [c?.addressId, false],
    [b?.addressId, false],
  ]);
  const addressId = b?.addressId ?? "";
  await of("u1", (addresses) => addresses.setDefaultAddress({ addressId }));
  assert.deepEqual(await list("u1"), [
    [addressId, true],
    [c?.addressId, false],
    [a?.addressId, false],
  ]);
  for (let i = 0; i < 2; i++) await of("u1", (addresses) => addresses.deleteAddress({ addressId }));
  assert.deepEqual(await list("u1"), [
    [c?.addressId, true],
    [a?.addressId, false],
  ]);
});

test("an address is changed as a whole, and stays what it is called and whose it is", async () => {
  const made = await create("u2");
  const addressId = made?.addressId ?? "";
  const address = { ...home, street: "2 Bund", city: "" };
  const changed = await of("u2", (addresses) => addresses.updateAddress({ addressId, address }));
  assert.deepEqual([changed.address?.street, changed.address?.city, changed.address?.isDefault], ["2 Bund", "", true]);
  assert.deepEqual((await of("u2", (addresses) => addresses.getAddress({ addressId }))).address, changed.address);
});

test("horizontal access: another user's address is not there, whatever one does with it", async () => {
  const addressId = (await create("owner"))?.addressId ?? "";
  await create("thief");
  const thief = <T>(work: (addresses: Client<typeof AddressService>) => Promise<T>) => reason(of("thief", work));
  assert.equal(await thief((addresses) => addresses.getAddress({ addressId })), "UNKNOWN_ADDRESS");
  assert.equal(await thief((addresses) => addresses.updateAddress({ addressId, address: home })), "UNKNOWN_ADDRESS");
  assert.equal(await thief((addresses) => addresses.setDefaultAddress({ addressId })), "UNKNOWN_ADDRESS");
  assert.equal(await thief((addresses) => addresses.deleteAddress({ addressId })), "ok");
  assert.deepEqual(await list("owner"), [[addressId, true]]);
});

test("a user has so many addresses and no more", async () => {
  for (let i = 0; i < maxAddresses; i++) await create("hoarder");
  assert.equal(await reason(create("hoarder")), "TOO_MANY_ADDRESSES");
  assert.equal((await list("hoarder")).filter(([, isDefault]) => isDefault).length, 1);
});
