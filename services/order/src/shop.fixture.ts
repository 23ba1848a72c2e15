import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { type OrderLineInputSchema, OrderService, PaymentMethod } from "@sampan/contracts/order/v1/order_pb.js";
import { PaymentSettledSchema } from "@sampan/contracts/payment/v1/events_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { type Client, Code, type Implementation, implement, RpcError, type Service, silentLogger } from "@sampan/core";
import type { Delivery } from "@sampan/core/ports";
import { idempotencySchema, inboxSchema, openQueue, openSqlite, outboxSchema, sagaSchema } from "@sampan/data";
import { createFakeClock, type FakeClock, serveInMemory, settled } from "@sampan/testkit";
import { order as orderModule } from "./main.js";
import { type OrderTables, orderSchema } from "./schema.js";

type Orders = Client<typeof OrderService>;

/** What an order has that is not the usual two pieces of tea, paid from the wallet. */
export interface OrderChanges {
  readonly lines?: MessageInitShape<typeof OrderLineInputSchema>[];
  readonly paymentMethod?: PaymentMethod;
}

/** What the services around the order service do; a test changes what it needs. `calls` has their names, in order. */
export interface Neighbours {
  readonly calls: string[];
  /** Prices in fen; a product without one does not exist. */
  readonly prices: Map<string, bigint>;
  /** Where it is not made of the id. */
  readonly titles: Map<string, string>;
  /** Called before a neighbour's method does its work, by its name, such as `charge`; may throw. */
  readonly before: Map<string, (request: never) => void>;
}

/** The order service as it is in production, with its sagas and its queue; time and the other services are the test's. */
export interface Shop {
  readonly clock: FakeClock;
  readonly neighbours: Neighbours;
  /** Boundaries that sagas reached. */
  readonly points: string[];
  /** Ids of the events that were published. */
  readonly events: string[];
  as<T>(user: string, work: (orders: Orders) => Promise<T>): Promise<T>;
  order(key: string, change?: OrderChanges): Promise<string>;
  /** Tells that an order was paid, as the payment service does. */
  paid(orderId: string): Promise<void>;
  /** Lets everything that need not wait for time go on, until the order is so; moves no clock. */
  until(orderId: string, status: number): Promise<void>;
  /** Moves the clock, step by step, until it holds; at most an hour. */
  wait(what: string, holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** A service of which a test plays some methods; the others must not be called. */
function playing<S extends DescService>(desc: S, parts: Partial<Implementation<S>>): Service {
  const missing = (name: string) => () => {
    throw new RpcError(Code.Unimplemented, `${desc.typeName}: the test does not expect ${name}`);
  };
  const named = Object.fromEntries(desc.methods.map(({ localName }) => [localName, missing(localName)]));
  return implement(desc, { ...named, ...parts } as Implementation<S>);
}

export const price = (amount: bigint) => ({ amount, currency: "CNY" });

export async function openShop(paymentWindow = 900_000): Promise<Shop> {
  const clock = createFakeClock();
  const folder = mkdtempSync(join(tmpdir(), "sampan-order-"));
  const commits = "in-thread" as const;
  const schemas = [orderSchema, idempotencySchema, outboxSchema, inboxSchema, sagaSchema];
  const sql = await openSqlite<OrderTables>({ file: join(folder, "order.db"), schemas, clock, commits });
  const broker = await openQueue({ file: join(folder, "queue.db"), clock, commits });
  const neighbours: Neighbours = { calls: [], prices: new Map([["tea", 100n]]), titles: new Map(), before: new Map() };
  const points: string[] = [];
  const events: string[] = [];
  const runs: { start(): unknown; stop(graceMs: number): Promise<void> }[] = [];

  const { runtime, close } = await serveInMemory((runtime) => {
    const parts = orderModule.build({
      sql,
      broker,
      clock,
      runtime,
      logger: silentLogger,
      settings: { paymentWindow, stepTimeout: 5000 },
      live: { for: () => ({ paymentWindow }) },
      sagaBoundary: (point: string) => void points.push(point),
    }) as { serves: Service[]; runs: (typeof runs)[number][] };
    runs.push(...parts.runs);
    return [...parts.serves, ...playNeighbours(neighbours)];
  }, clock);
  for (const run of runs) await run.start();
  await broker.subscribe({
    topic: "order",
    group: "test",
    handle: async ({ id }: Delivery) => void events.push(id),
  });

  const as: Shop["as"] = (user, work) =>
    runtime.run({ name: "test", timeoutMs: 24 * 3_600_000 }, (call) =>
      work(call.to(OrderService, { user: { subject: user, roles: ["user"] }, timeoutMs: 24 * 3_600_000 })),
    );
  const statusOf = (orderId: string): Promise<number> =>
    as("u", async (orders) => (await orders.getOrder({ orderId })).order?.status ?? 0);
  return {
    clock,
    neighbours,
    points,
    events,
    as,
    async order(key, change = {}) {
      const lines = [{ productId: "tea", quantity: 2n }];
      const request = { lines, paymentMethod: PaymentMethod.WALLET, idempotencyKey: key, ...change };
      return (await as("u", (orders) => orders.createOrder(request))).orderId;
    },
    async paid(orderId) {
      const event = create(PaymentSettledSchema, { orderId });
      const payload = toBinary(PaymentSettledSchema, event);
      await broker.publish([{ topic: "payment", key: orderId, id: `${orderId}/paid`, payload, headers: {} }]);
    },
    async until(orderId, status) {
      for (let turns = 0; (await statusOf(orderId)) !== status; turns++) {
        if (turns === 2000) throw new Error(`the order is ${await statusOf(orderId)}, not ${status}`);
        await settled();
      }
    },
    async wait(what, holds, stepMs = 1000) {
      for (let passed = 0; !(await holds()); passed += stepMs) {
        if (passed > 3_600_000) throw new Error(`${what} did not happen in an hour`);
        await clock.advance(stepMs);
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

function playNeighbours({ calls, prices, titles, before }: Neighbours): Service[] {
  const play = <R, A>(name: string, answer: (request: R) => A) => {
    return (request: R): A => {
      calls.push(name);
      (before.get(name) as ((request: R) => void) | undefined)?.(request);
      return answer(request);
    };
  };
  const nothing = () => ({});
  return [
    playing(CatalogService, {
      batchGetProducts({ productIds }) {
        const known = productIds.filter((productId) => prices.has(productId));
        const products = known.map((productId) => ({
          productId,
          title: titles.get(productId) ?? `${productId}, from the hills`,
          price: price(prices.get(productId) ?? 0n),
        }));
        return { products, unknownProductIds: productIds.filter((productId) => !prices.has(productId)) };
      },
    }),
    playing(InventoryService, {
      batchCheckStock: () => ({ shortages: [] }),
      reserve: play("reserve", nothing),
      release: play("release", nothing),
      confirm: play("confirm", nothing),
      restock: play("restock", nothing),
    }),
    playing(PaymentService, {
      charge: play("charge", nothing),
      createPayOrder: play("createPayOrder", () => ({
        ...{ prepayId: "wx1", package: "prepay_id=wx1", paySign: "signed" },
        clientParameters: { tradeNO: "2026" },
      })),
      voidPayment: play("voidPayment", nothing),
      refund: play("refund", nothing),
    }),
  ];
}

/** A registered refusal of the order service, by its reason. */
export const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;
