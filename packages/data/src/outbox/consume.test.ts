import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Call, CoreErrors } from "@sampan/core";
import { settled } from "@sampan/testkit";
import { consume } from "./consume.js";
import { withOrigin } from "./origin-headers.js";
import { type TestService, withService } from "./service.fixture.js";

const origin = { tenant: "tea", releaseTag: "canary", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
const where = { topic: "notes", group: "printer" };

const texts = async ({ sql }: TestService): Promise<string[]> =>
  (await sql.read.selectFrom("note").select("text").orderBy("id").execute()).map((row) => row.text);

describe("consume", () => {
  it("runs a delivery on a root call with the origin's tenant and release tag, linked to its trace", () =>
    withService(async (service) => {
      let seen: Call | undefined;
      const consumer = consume({ ...service, ...where, handle: async (_, call) => void (seen = call) });
      await consumer.start();
      await service.broker.deliver({ headers: withOrigin({}, origin) });
      assert.equal(seen?.side, "root");
      assert.deepEqual([seen?.tenant, seen?.releaseTag, seen?.links], ["tea", "canary", [origin.traceparent]]);
      await service.broker.deliver({ id: "foreign" });
      assert.deepEqual([seen?.tenant, seen?.links], ["default", []]);
      await consumer.stop();
    }));

  it("makes effects in the database exactly once, however often a message comes", () =>
    withService(async (service) => {
      let number = 0;
      const consumer = consume({
        ...service,
        ...where,
        inTransaction: async (message, tx) => {
          await tx.insertInto("note").values({ id: ++number, text: message.id }).execute();
        },
      });
      await consumer.start();
      await Promise.all([1, 2, 3].map((attempt) => service.broker.deliver({ id: "m1", attempt })));
      await service.broker.deliver({ id: "m2" });
      assert.deepEqual(await texts(service), ["m1", "m2"]);
      await consumer.stop();
    }));

  it("leaves no trace of a delivery whose handler fails, so that the next one does the work", () =>
    withService(async (service) => {
      const consumer = consume({
        ...service,
        ...where,
        inTransaction: async (message, tx) => {
          await tx
            .insertInto("note")
            .values({ id: 1, text: `attempt ${message.attempt}` })
            .execute();
          if (message.attempt === 1) throw new Error("crashed");
        },
      });
      await consumer.start();
      await assert.rejects(service.broker.deliver({ attempt: 1 }));
      assert.deepEqual(await texts(service), []);
      await service.broker.deliver({ attempt: 2 });
      assert.deepEqual(await texts(service), ["attempt 2"]);
      await consumer.stop();
    }));

  it("repeats a plain handler after a failure, and never after a success", () =>
    withService(async (service) => {
      const attempts: number[] = [];
      const consumer = consume({
        ...service,
        ...where,
        handle: async (message) => {
          attempts.push(message.attempt);
          if (message.attempt === 1) throw new Error("no");
        },
      });
      await consumer.start();
      await assert.rejects(service.broker.deliver({ attempt: 1 }));
      await service.broker.deliver({ attempt: 2 });
      await service.broker.deliver({ attempt: 3 });
      assert.deepEqual(attempts, [1, 2]);
      await consumer.stop();
    }));

  it("tells groups and topics apart", () =>
    withService(async (service) => {
      const seen: string[] = [];
      for (const place of [where, { ...where, group: "mailer" }, { ...where, topic: "letters" }]) {
        const consumer = consume({
          ...service,
          ...place,
          handle: async () => void seen.push(`${place.topic}/${place.group}`),
        });
        await consumer.start();
        await service.broker.deliver({ id: "same" });
        await consumer.stop();
      }
      assert.deepEqual(seen, ["notes/printer", "notes/mailer", "letters/printer"]);
    }));

  it("ends a slow handler before the broker gives its message to another", () =>
    withService(async (service) => {
      const consumer = consume({
        ...service,
        ...where,
        visibilityMs: 10_000,
        handle: () => new Promise<never>(() => {}),
      });
      await consumer.start();
      const delivered = assert.rejects(service.broker.deliver({}), CoreErrors.DEADLINE_EXCEEDED.is);
      await service.clock.advance(9_100);
      await delivered;
      await consumer.stop();
    }));

  it("aborts its call when the broker takes the message back", () =>
    withService(async (service) => {
      const consumer = consume({ ...service, ...where, handle: () => new Promise<never>(() => {}) });
      await consumer.start();
      const controller = new AbortController();
      const delivered = assert.rejects(service.broker.deliver({}, controller.signal), CoreErrors.CANCELLED.is);
      await settled();
      controller.abort();
      await delivered;
      await consumer.stop();
    }));

  it("passes the subscription's settings on", () =>
    withService(async (service) => {
      const settings = { concurrency: 3, visibilityMs: 5_000, maxAttempts: 4 };
      const consumer = consume({ ...service, ...where, ...settings, handle: async () => {} });
      await consumer.start();
      const { handle, ...subscribed } = service.broker.subscribed ?? { handle: undefined };
      assert.deepEqual(subscribed, { ...where, ...settings });
      await consumer.stop();
      assert.equal(service.broker.subscribed, undefined);
    }));

  it("forgets messages after the time it is told, every hour and in steps", () =>
    withService(async (service) => {
      const hour = 3_600_000;
      const consumer = consume({ ...service, ...where, rememberMs: 90 * 60_000, handle: async () => {} });
      await consumer.start();
      const left = async (): Promise<string[]> =>
        (await service.sql.read.selectFrom("sampan_inbox").select("id").orderBy("id").execute()).map((row) => row.id);
      for (let i = 0; i < 1_100; i++) await service.broker.deliver({ id: `old-${i}` });
      await service.clock.advance(hour);
      assert.equal((await left()).length, 1_100);
      await service.broker.deliver({ id: "young" });
      await service.clock.advance(hour);
      assert.deepEqual(await left(), ["young"]);
      await consumer.stop();
      await service.clock.advance(5 * hour);
      assert.deepEqual(await left(), ["young"], "not after it has stopped");
    }));
});
