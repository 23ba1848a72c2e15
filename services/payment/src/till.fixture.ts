import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type LedgerSums, PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, Code, type Implementation, implement, RpcError, type Service, silentLogger } from "@sampan/core";
import type { Delivery } from "@sampan/core/ports";
import { idempotencySchema, openQueue, openSqlite, outboxSchema, sagaSchema } from "@sampan/data";
import type { PayNotification } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock, serveInMemory } from "@sampan/testkit";
import { callbackBytes, FakePlatform } from "./fake-platform.fixture.js";
import { payment as paymentModule } from "./main.js";
import { type PaymentTables, paymentSchema } from "./schema.js";

type Payments = Client<typeof PaymentService>;

/** The payment service as it is in production; time and the pay platform are the test's. */
export interface Till {
  readonly clock: FakeClock;
  readonly platform: FakePlatform;
  /** Ids of the events that were published. */
  readonly events: string[];
  call<T>(work: (payments: Payments) => Promise<T>): Promise<T>;
  topUp(userId: string, amount: bigint): Promise<void>;
  balance(userId: string): Promise<bigint>;
  /** A pay order that waits for its payment. */
  payOrder(orderId: string, amount?: bigint): Promise<void>;
  callback(notification: PayNotification): Promise<unknown>;
  /** Taken and given back, by the service's books. */
  booked(orderId: string): Promise<readonly [charged: bigint, refunded: bigint]>;
  sums(): Promise<LedgerSums | undefined>;
  /** Saga and status, of all that ever began. */
  sagas(): Promise<string[]>;
  /** Moves the clock, second by second, until it holds; at most an hour. */
  wait(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export const money = (amount: bigint) => ({ amount, currency: "CNY" });

export async function openTill(): Promise<Till> {
  const clock = createFakeClock();
  const folder = mkdtempSync(join(tmpdir(), "sampan-payment-"));
  const commits = "in-thread" as const;
  const schemas = [paymentSchema, idempotencySchema, outboxSchema, sagaSchema];
  const sql = await openSqlite<PaymentTables>({ file: join(folder, "payment.db"), schemas, clock, commits });
  const broker = await openQueue({ file: join(folder, "queue.db"), clock, commits });
  const platform = new FakePlatform();
  const events: string[] = [];
  const runs: { start(): unknown; stop(graceMs: number): Promise<void> }[] = [];
  const users = implement(UserService, {
    ensureUser: () => ({}),
    getUser: ({ userId }) => ({ user: { userId, openid: `o-${userId}` } }),
    getMe: () => ({}),
    updateMe: () => ({}),
  } satisfies Implementation<typeof UserService>);
  const { runtime, close } = await serveInMemory((runtime) => {
    const parts = paymentModule.build({
      sql,
      broker,
      platform: { pay: platform },
      clock,
      runtime,
      logger: silentLogger,
      settings: {},
      sagaBoundary: () => {},
      addressOf: () => "http://gateway.test",
    }) as { serves: Service[]; runs: (typeof runs)[number][] };
    runs.push(...parts.runs);
    return [...parts.serves, users];
  }, clock);
  for (const run of runs) await run.start();
  await broker.subscribe({ topic: "payment", group: "test", handle: async ({ id }: Delivery) => void events.push(id) });

  const timeoutMs = 24 * 3_600_000;
  const call: Till["call"] = (work) =>
    runtime.run({ name: "test", timeoutMs }, (root) => work(root.to(PaymentService, { timeoutMs })));
  return {
    clock,
    platform,
    events,
    call,
    async topUp(userId, amount) {
      await call((payments) =>
        payments.topUpWallet({ userId, amount: money(amount), idempotencyKey: `${userId}-${amount}` }),
      );
    },
    async balance(userId) {
      const user = { subject: userId, roles: ["user"] };
      const { balances } = await call((payments) => payments.getWallet({}, { user }));
      return balances.find(({ currency }) => currency === "CNY")?.amount ?? 0n;
    },
    async payOrder(orderId, amount = 300n) {
      const expiresAt = timestampFromMs(clock.now() + 900_000);
      const request = { orderId, userId: "u", amount: money(amount), description: "tea", expiresAt };
      await call((payments) => payments.createPayOrder(request));
    },
    callback: (notification) =>
      call((payments) => payments.handlePayCallback({ body: { data: callbackBytes(notification) } })),
    async booked(orderId) {
      const { payment } = await call((payments) => payments.getPayment({ orderId }));
      return [payment?.charged?.amount ?? 0n, payment?.refunded?.amount ?? 0n];
    },
    async sums() {
      return (await call((payments) => payments.getLedger({}))).sums.find(({ currency }) => currency === "CNY");
    },
    async sagas() {
      const tables = sql as unknown as { read: typeof sql.read } & { read: { selectFrom(table: string): unknown } };
      const query = tables.read.selectFrom("sampan_saga" as never).selectAll() as unknown as {
        execute(): Promise<{ saga: string; status: string }[]>;
      };
      return (await query.execute()).map(({ saga, status }) => `${saga} ${status}`);
    },
    async wait(what, holds) {
      for (let seconds = 0; !(await holds()); seconds++) {
        if (seconds > 3600) throw new Error(`${what} did not happen in an hour`);
        await clock.advance(1000);
      }
    },
    async close() {
      for (const run of runs.reverse()) await run.stop(0);
      await close();
      await broker.close();
      await sql.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;
export const unavailable = (error: unknown) => error instanceof RpcError && error.code === Code.Unavailable;
