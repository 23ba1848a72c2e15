import { implement, type Service } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { KeyValueService } from "@sampan/protos/sampan/keyvalue/v1/key_value_pb.js";

/** Serves a key-value store to other processes. */
export function keyValueService(store: KeyValue): Service {
  return implement(KeyValueService, {
    async get({ key }) {
      const value = await store.get(key);
      return value === undefined ? {} : { value };
    },
    async put({ key, value, ttlMs }) {
      await store.put(key, value, orForEver(ttlMs));
      return {};
    },
    async compareAndSet({ key, expected, value, ttlMs }) {
      return { swapped: await store.compareAndSet(key, expected, value, orForEver(ttlMs)) };
    },
    async increment({ key, by, limit, ttlMs }) {
      const { added, value } = await store.increment(key, Number(by), {
        ...(limit === undefined ? {} : { limit: Number(limit) }),
        ...(ttlMs === 0 ? {} : { ttlMs }),
      });
      return { added, value: BigInt(value) };
    },
    acquire: ({ key, tokens, ratePerSecond, burst }) => store.acquire(key, { tokens, ratePerSecond, burst }),
  });
}

function orForEver(ttlMs: number): number | undefined {
  return ttlMs === 0 ? undefined : ttlMs;
}
