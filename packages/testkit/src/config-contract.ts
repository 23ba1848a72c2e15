import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { ConfigEvent, ConfigStore } from "@sampan/core/ports";

export interface ConfigUnderTest {
  readonly store: ConfigStore;
  /** A second client of the same documents. */
  readonly other: ConfigStore;
  /** Lets time pass for stores that ask again and again. */
  passTime(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export interface ConfigTraits {
  /** Two writers of the same moment cannot both succeed. Default true. */
  readonly atomic?: boolean;
}

type Behaves = (behaviour: string, run: (subject: ConfigUnderTest) => Promise<void>) => void;

const key = "sampan/test/order";

/** What every store of configuration does: registers tests with `node:test`. */
export function configContract(name: string, open: () => Promise<ConfigUnderTest>, traits: ConfigTraits = {}): void {
  const behaves: Behaves = (behaviour, run) => {
    test(`${name}: ${behaviour}`, async () => {
      const subject = await open();
      try {
        await run(subject);
      } finally {
        await subject.dispose();
      }
    });
  };
  publishing(behaves, traits);
  watching(behaves);
}

function publishing(behaves: Behaves, { atomic = true }: ConfigTraits): void {
  behaves("a document is read as it was published, and none is not an empty one", async ({ store, other }) => {
    assert.deepEqual(await store.get(key), { text: undefined, revision: "" });
    const text = "settings: # 订单 ✓\n  order: {}\n";
    const revision = await store.publish(key, text);
    assert.deepEqual(await other.get(key), { text, revision });
    const empty = await store.publish(key, "");
    assert.deepEqual(await other.get(key), { text: "", revision: empty });
    assert.notEqual(empty, "");
    assert.equal(await store.publish(key, undefined), "");
    assert.deepEqual(await other.get(key), { text: undefined, revision: "" });
  });

  behaves("keys that begin alike are different", async ({ store }) => {
    await store.publish(`${key}-saga`, "saga");
    await store.publish(`${key}.previous`, "previous");
    assert.equal((await store.get(key)).text, undefined);
    await store.publish(key, "order");
    assert.equal((await store.get(`${key}-saga`)).text, "saga");
    assert.equal((await store.get(key)).text, "order");
  });

  behaves("publishing what somebody else has changed meanwhile is refused", async ({ store, other }) => {
    const aborted = (error: unknown): boolean => error instanceof RpcError && error.code === Code.Aborted;
    const first = await store.publish(key, "1", "");
    await assert.rejects(other.publish(key, "x", ""), aborted);
    await other.publish(key, "2", first);
    await assert.rejects(store.publish(key, "x", first), aborted);
    await assert.rejects(store.publish(key, undefined, first), aborted);
    assert.equal((await store.get(key)).text, "2");
  });

  if (atomic) {
    behaves("of many publishers that begin at the same version one succeeds", async ({ store, other }) => {
      const before = await store.publish(key, "0");
      const tries = Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? store : other).publish(key, `${index + 1}`, before).then(
          () => `${index + 1}`,
          () => undefined,
        ),
      );
      const won = (await Promise.all(tries)).filter((each) => each !== undefined);
      assert.equal(won.length, 1);
      assert.equal((await store.get(key)).text, won[0]);
    });
  }

  behaves("a key that some store could not hold, and a document that is too large, are refused", async ({ store }) => {
    const invalid = (error: unknown): boolean => error instanceof RpcError && error.code === Code.InvalidArgument;
    for (const bad of ["", "a/../b", "a//b", "/a", "a b", "订单", "a".repeat(201)]) {
      await assert.rejects(store.get(bad), invalid);
      await assert.rejects(store.publish(bad, "x"), invalid);
    }
    await assert.rejects(store.publish(key, "x".repeat(500_001)), { code: Code.ResourceExhausted });
    const largest = "x".repeat(500_000);
    await store.publish(key, largest);
    assert.equal((await store.get(key)).text, largest);
  });
}

function watching(behaves: Behaves): void {
  behaves(
    "a watch tells what there is, each change and the removal, and nothing after it is closed",
    async (subject) => {
      const { store, other, passTime } = subject;
      await other.publish(key, "1");
      const seen: (string | undefined)[] = [];
      const watch = store.watch(key, (event) => void seen.push(textOf(event)));
      assert.deepEqual(seen, []);
      const until = (expected: readonly (string | undefined)[]): Promise<void> => eventually(passTime, seen, expected);
      await until(["1"]);
      await other.publish(key, "2");
      await until(["1", "2"]);
      await other.publish(`${key}.previous`, "beside");
      await other.publish(key, undefined);
      await until(["1", "2", undefined]);
      await other.publish(key, "3");
      await until(["1", "2", undefined, "3"]);
      watch.close();
      watch.close();
      await other.publish(key, "4");
      await passTime(1000);
      assert.equal(seen.length, 4);
    },
  );

  behaves("a watch of what does not exist says so, and then what comes", async ({ store, other, passTime }) => {
    const seen: (string | undefined)[] = [];
    store.watch(key, (event) => void seen.push(textOf(event)));
    await eventually(passTime, seen, [undefined]);
    await other.publish(key, "1");
    await eventually(passTime, seen, [undefined, "1"]);
  });

  behaves("a closed store watches no more, and refuses everything", async ({ store, other, passTime }) => {
    const seen: (string | undefined)[] = [];
    store.watch(key, (event) => void seen.push(textOf(event)));
    await eventually(passTime, seen, [undefined]);
    await store.close();
    await other.publish(key, "1");
    await passTime(1000);
    assert.deepEqual(seen, [undefined]);
    await assert.rejects(store.get(key), { code: Code.Unavailable });
    assert.throws(() => store.watch(key, () => {}), { code: Code.Unavailable });
  });
}

function textOf(event: ConfigEvent): string | undefined {
  return "error" in event ? `error: ${event.error.message}` : event.text;
}

/** Lets time pass until everything has come; a store that stays behind fails the comparison. */
async function eventually<T>(
  passTime: (ms: number) => Promise<void>,
  seen: readonly T[],
  expected: readonly T[],
): Promise<void> {
  for (let tries = 0; tries < 100 && seen.length < expected.length; tries++) await passTime(50);
  assert.deepEqual(seen, expected);
}
