import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { traceparent } from "@sampan/core";
import { originOf } from "./origin-headers.js";
import { outbox } from "./outbox.js";
import { withService } from "./service.fixture.js";

const payload = new Uint8Array([1, 2, 3]);

describe("outbox.add", () => {
  it("stores the message with what its transaction changes", () =>
    withService(async ({ sql, newCall }) => {
      const id = await sql.transaction(newCall(), async (tx) => {
        await tx.insertInto("note").values({ id: 1, text: "tea" }).execute();
        return outbox.add(tx, { topic: "notes", key: "1", payload, headers: { kind: "added" } }, newCall());
      });
      const row = await sql.read.selectFrom("sampan_outbox").selectAll().executeTakeFirstOrThrow();
      assert.deepEqual({ id: row.id, topic: row.topic, key: row.message_key }, { id, topic: "notes", key: "1" });
      assert.deepEqual(row.payload, payload);
      assert.equal(JSON.parse(row.headers).kind, "added");
    }));

  it("stores nothing when the transaction rolls back", () =>
    withService(async ({ sql, newCall }) => {
      const call = newCall();
      const failed = sql.transaction(call, async (tx) => {
        await outbox.add(tx, { topic: "notes", key: "1", payload }, call);
        throw new Error("no");
      });
      await assert.rejects(failed, /no/);
      assert.deepEqual(await sql.read.selectFrom("sampan_outbox").selectAll().execute(), []);
    }));

  it("gives the message the tenant, release tag and trace of its call", () =>
    withService(async ({ sql, newCall }) => {
      const call = newCall();
      await sql.transaction(call, (tx) => outbox.add(tx, { topic: "notes", key: "1", payload }, call));
      const row = await sql.read.selectFrom("sampan_outbox").select("headers").executeTakeFirstOrThrow();
      const origin = { tenant: "tea", releaseTag: "canary", traceparent: traceparent(call.trace) };
      assert.deepEqual(originOf(JSON.parse(row.headers)), origin);
    }));

  it("keeps one message of an id", () =>
    withService(async ({ sql, newCall }) => {
      const call = newCall();
      for (const text of ["first", "second"]) {
        const message = { topic: "notes", key: "1", id: "fact-1", payload, headers: { text } };
        await sql.transaction(call, (tx) => outbox.add(tx, message, call));
      }
      const rows = await sql.read.selectFrom("sampan_outbox").select("headers").execute();
      assert.deepEqual(
        rows.map((row) => JSON.parse(row.headers).text),
        ["first"],
      );
    }));
});
