import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type HandlePayCallbackResponse,
  type LedgerSums,
  PaymentService,
} from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import {
  type Call,
  type Client,
  Code,
  type Implementation,
  implement,
  RpcError,
  type Service,
  silentLogger,
} from "@sampan/core";
import type { Delivery, Logger } from "@sampan/core/ports";
import { idempotencySchema, openQueue, openSqlite, outboxSchema, type Sql, sagaSchema } from "@sampan/data";
import type { PayNotification, PayProvider, RefundNotification } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock, serveInMemory } from "@sampan/testkit";
import { sql as raw } from "kysely";
import { callbackBytes, FakePlatform } from "./fake-platform.fixture.js";
import { payment as paymentModule } from "./main.js";
import { recordingMeter } from "./recording-meter.fixture.js";
import { type PaymentTables, paymentSchema } from "./schema.js";

type Payments = Client<typeof PaymentService>;

/** The payment service as it is in production; time and the pay platform are the test's. */
export interface Till {
  readonly clock: FakeClock;
  readonly platform: FakePlatform;
  readonly folder: string;
  /** Ids of the events that were published. */
  readonly events: string[];
  /** What it says at level `error`. */
  readonly alarms: string[];
  readonly sql: Sql<PaymentTables>;
  /** The value of a gauge or counter, by its name and labels as text. */
  metric(name: string): number | undefined;
  /** Runs something as the service's own work. */
  root<T>(work: (call: Call) => Promise<T>): Promise<T>;
  call<T>(work: (payments: Payments) => Promise<T>): Promise<T>;
  topUp(userId: string, amount: bigint): Promise<void>;
  balance(userId: string): Promise<bigint>;
  /** A pay order that waits for its payment. */
  payOrder(orderId: string, amount?: bigint): Promise<{ readonly prepayId: string }>;
  callback(notification: PayNotification | RefundNotification): Promise<HandlePayCallbackResponse>;
  /** Taken and given back, by the service's books. */
  booked(orderId: string): Promise<readonly [charged: bigint, refunded: bigint]>;
  sums(): Promise<LedgerSums | undefined>;
  /** Saga and status, of all that ever began. */
  sagas(): Promise<string[]>;
  /** Changes the books behind the service's back. */
  meddle(statement: string): Promise<void>;
  /** Reason and order of what was noted beside the books. */
  irregularities(): Promise<string[]>;
  /** Moves the clock, step by step (default: a second), until it holds; at most 3600 steps. */
  wait(what: string, holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
  /** With `keep` its files stay, for the next one. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

export const money = (amount: bigint) => ({ amount, currency: "CNY" });

/** As the settings have them, in ms. */
const defaults = {
  askInterval: 1000,
  askPaymentAfter: [30_000, 60_000, 180_000, 600_000] as readonly number[],
  askRefundAfter: [2_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000] as readonly number[],
  reconcileAt: "10:30",
  reconcileInterval: 10_000,
  reconcilePage: 200,
  billZone: "+08:00",
};

export interface TillOptions {
  readonly clock?: FakeClock;
  /** One that has seen something already. */
  readonly platform?: FakePlatform;
  /** Pays through this one instead; `platform` then plays no part. */
  readonly pay?: PayProvider;
  /** Where the platform would send callbacks. */
  readonly gateway?: string;
  /** Left by an earlier till, which was not removed. */
  readonly folder?: string;
  readonly settings?: Partial<typeof defaults>;
}

export async function openTill(options: TillOptions = {}): Promise<Till> {
  const { clock = createFakeClock(), platform = new FakePlatform() } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "sampan-payment-"));
  const commits = "in-thread" as const;
  const schemas = [paymentSchema, idempotencySchema, outboxSchema, sagaSchema];
  const sql = await openSqlite<PaymentTables>({ file: join(folder, "payment.db"), schemas, clock, commits });
  const broker = await openQueue({ file: join(folder, "queue.db"), clock, commits });
  platform.now = () => clock.now();
  const events: string[] = [];
  const alarms: string[] = [];
  const meter = recordingMeter();
  const logger: Logger = { ...silentLogger, error: (message) => void alarms.push(message), child: () => logger };
  const runs: { start(): unknown; stop(graceMs: number): Promise<void> }[] = [];
  const users = implement(UserService, {
    ensureUser: () => ({}),
    getUser: ({ userId }) => ({ user: { userId, openid: `o-${userId}` } }),
    findUser: () => ({}),
    getMe: () => ({}),
    updateMe: () => ({}),
  } satisfies Implementation<typeof UserService>);
  const { runtime, close } = await serveInMemory((runtime) => {
    Object.assign(runtime, { logger });
    const parts = paymentModule.build({
      sql,
      broker,
      platform: { pay: options.pay ?? platform },
      clock,
      runtime,
      logger,
      meter,
      settings: { ...defaults, ...options.settings },
      sagaBoundary: () => {},
      addressOf: () => options.gateway ?? "http://gateway.test",
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
    folder,
    events,
    alarms,
    sql,
    metric: meter.value,
    root: (work) => runtime.run({ name: "test", timeoutMs }, work),
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
      return call((payments) => payments.createPayOrder(request));
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
    async meddle(statement) {
      await runtime.run({ name: "test" }, (root) => sql.transaction(root, (tx) => raw.raw(statement).execute(tx)));
    },
    async irregularities() {
      const { irregularities } = await call((payments) => payments.listIrregularities({ pageSize: 200 }));
      return irregularities.map(({ reason, orderId }) => `${reason} ${orderId}`);
    },
    async wait(what, holds, stepMs = 1000) {
      for (let steps = 0; !(await holds()); steps++) {
        if (steps > 3600) throw new Error(`${what} did not happen in 3600 steps`);
        await clock.advance(stepMs);
      }
    },
    async close({ keep = false } = {}) {
      for (const run of runs.reverse()) await run.stop(0);
      await close();
      await broker.close();
      await sql.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;
export const unavailable = (error: unknown) => error instanceof RpcError && error.code === Code.Unavailable;
