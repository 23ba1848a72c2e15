import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { settled } from "@sampan/testkit";
import { outbox } from "./outbox.js";
import { outboxRelay } from "./relay.js";
import { withService } from "./service.fixture.js";
const down = new RpcError(Code.Unavailable, "the broker is away");
const backoff = { initialMs: 100, maxMs: 1_000 };
const random = () => 1;
function add({ sql, newCall }, ...ids) {
    const call = newCall();
    return sql.transaction(call, async (tx) => {
        for (const id of ids)
            await outbox.add(tx, { topic: "notes", key: "k", id, payload: new Uint8Array([1]) }, call);
    });
}
const published = ({ broker }) => broker.published.map((message) => message.id);
describe("outboxRelay", () => {
    it("publishes right after the commit, without waiting for a poll, and deletes what the broker has taken", () => withService(async (service) => {
        const relay = outboxRelay(service);
        relay.start();
        await add(service, "a", "b");
        await settled();
        assert.deepEqual(published(service), ["a", "b"]);
        assert.equal(await relay.pending(), 0);
        assert.equal(service.broker.published[0]?.headers["sampan-tenant"], "tea");
        await relay.stop();
    }));
    it("moves what waited before it started, in order and in batches", () => withService(async (service) => {
        const ids = Array.from({ length: 25 }, (_, i) => `m${i}`);
        for (const id of ids)
            await add(service, id);
        const relay = outboxRelay({ ...service, batch: 10 });
        assert.equal(await relay.pending(), 25);
        const sizes = [];
        service.broker.before = (messages) => void sizes.push(messages.length);
        relay.start();
        await settled();
        assert.deepEqual(published(service), ids);
        assert.deepEqual(sizes, [10, 10, 5]);
        await relay.stop();
    }));
    it("backs off while the broker fails, lets nothing overtake, and goes on when it is back", () => withService(async (service) => {
        const tries = [];
        service.broker.before = (messages) => {
            tries.push(messages.map((message) => message.id));
            if (tries.length <= 3)
                throw down;
        };
        const relay = outboxRelay({ ...service, backoff, random });
        relay.start();
        await add(service, "a");
        await settled();
        assert.deepEqual(tries, [["a"]]);
        await add(service, "b");
        await settled();
        assert.equal(tries.length, 1, "a commit does not cut the wait short");
        await service.clock.advance(100);
        assert.equal(tries.length, 2);
        await service.clock.advance(199);
        assert.equal(tries.length, 2, "the second wait is twice the first");
        await service.clock.advance(1);
        assert.equal(tries.length, 3);
        await service.clock.advance(400);
        assert.deepEqual(tries[3], ["a", "b"]);
        assert.deepEqual(published(service), ["a", "b"]);
        assert.equal(service.logged.length, 3);
        await relay.stop();
    }));
    it("publishes again under the same id when it could not delete", () => withService(async (service) => {
        const { sql } = service;
        let broken = true;
        const relay = outboxRelay({
            ...service,
            backoff,
            random,
            sql: Object.assign(Object.create(sql), {
                read: sql.read,
                onCommit: sql.onCommit.bind(sql),
                transaction: (...args) => broken ? Promise.reject(new Error("killed before the delete")) : sql.transaction(...args),
            }),
        });
        await add(service, "a");
        relay.start();
        await settled();
        broken = false;
        await service.clock.advance(100);
        assert.deepEqual(published(service), ["a", "a"]);
        assert.equal(await relay.pending(), 0);
        await relay.stop();
    }));
    it("sets aside a message that the broker calls invalid, and goes on with the others", () => withService(async (service) => {
        service.broker.before = (messages) => {
            if (messages.some((message) => message.id === "bad"))
                throw new RpcError(Code.InvalidArgument, "too large");
        };
        await add(service, "a", "bad", "c");
        const relay = outboxRelay(service);
        relay.start();
        await settled();
        assert.deepEqual(published(service), ["a", "c"]);
        assert.equal(await relay.pending(), 0);
        const left = await service.sql.read.selectFrom("sampan_outbox").select(["id", "refused"]).execute();
        assert.deepEqual(left, [{ id: "bad", refused: "too large" }]);
        assert.match(service.logged[0]?.message ?? "", /refuses a message/);
        await relay.stop();
    }));
    it("looks now and then, for what was committed elsewhere", () => withService(async (service) => {
        const { sql } = service;
        const deaf = Object.assign(Object.create(sql), {
            read: sql.read,
            transaction: sql.transaction.bind(sql),
            onCommit: () => () => { },
        });
        const relay = outboxRelay({ ...service, sql: deaf, pollMs: 1_000 });
        relay.start();
        await settled();
        await add(service, "a");
        await service.clock.advance(999);
        assert.deepEqual(published(service), []);
        await service.clock.advance(1);
        assert.deepEqual(published(service), ["a"]);
        await relay.stop();
    }));
    it("stops after what it has in hand, and starts again", () => withService(async (service) => {
        let answer = () => { };
        service.broker.before = () => new Promise((resolve) => (answer = resolve));
        const relay = outboxRelay(service);
        relay.start();
        await add(service, "a");
        await settled();
        let stopped = false;
        const stopping = relay.stop().then(() => (stopped = true));
        await add(service, "b");
        await settled();
        assert.equal(stopped, false, "the broker has not answered yet");
        answer();
        await stopping;
        assert.deepEqual(published(service), ["a"]);
        assert.equal(await relay.pending(), 1);
        service.broker.before = () => { };
        relay.start();
        await settled();
        assert.deepEqual(published(service), ["a", "b"]);
        await relay.stop();
    }));
    it("does not wait longer than its grace for a broker that does not answer", () => withService(async (service) => {
        service.broker.before = () => new Promise(() => { });
        const relay = outboxRelay(service);
        relay.start();
        await add(service, "a");
        await settled();
        let stopped = false;
        void relay.stop(2_000).then(() => (stopped = true));
        await service.clock.advance(1_999);
        assert.equal(stopped, false);
        await service.clock.advance(1);
        assert.equal(stopped, true);
        assert.equal(await relay.pending(), 1);
    }));
});
//# sourceMappingURL=relay.test.js.map