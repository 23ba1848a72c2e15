import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSqlite } from "@sampan/data";
import { createFakeClock, serveInMemory } from "@sampan/testkit";
import { sql as raw } from "kysely";
import { type PaymentTables, paymentSchema } from "./schema.js";

test("orders that wait for their payment keep their prepay ids when the column grows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-payment-"));
  const clock = createFakeClock();
  const { runtime, close } = await serveInMemory(() => [], clock);
  const open = (count: number) => {
    const schemas = [{ ...paymentSchema, migrations: paymentSchema.migrations.slice(0, count) }];
    return openSqlite<PaymentTables>({ file: join(folder, "payment.db"), schemas, clock, commits: "in-thread" });
  };
  const before = await open(3);
  const row = `insert into payment
    (order_id, user_id, kind, status, amount, currency, charged, refunded, created_at, prepay_id, transaction_id)
    values ('old', 'u', 'pay-order', 'awaiting', 300, 'CNY', 0, 0, 1, 'wx201410272009395522657a690389285100', '')`;
  await runtime.run({ name: "test" }, (call) => before.transaction(call, (tx) => raw.raw(row).execute(tx)));
  await before.close();

  const after = await open(4);
  const rows = await after.read.selectFrom("payment").select(["order_id", "prepay_id"]).execute();
  assert.deepEqual(rows, [{ order_id: "old", prepay_id: "wx201410272009395522657a690389285100" }]);
  const table = await raw<{ name: string; type: string }>`select name, type from pragma_table_info('payment')`.execute(
    after.read,
  );
  assert.deepEqual(
    table.rows.filter(({ name }) => name.includes("prepay")).map(({ name, type }) => `${name} ${type}`),
    ["prepay_id varchar(1024)"],
  );
  await after.close();
  await close();
  rmSync(folder, { recursive: true, force: true });
});
