import { type Client, Code, RpcError, type Runtime } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { KeyValueService } from "@sampan/protos/sampan/keyvalue/v1/key_value_pb.js";

/** The store of another process. The runtime's channel to `KeyValueService` decides where it is. */
export function remoteKeyValue(runtime: Runtime): KeyValue {
  let closed = false;
  /** Work on a root call. */
  const remote = <T>(name: string, work: (client: Client<typeof KeyValueService>) => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new RpcError(Code.Unavailable, "the key-value store is closed"));
    return runtime.run({ name: `key-value/${name}` }, (call) => work(call.to(KeyValueService)));
  };
  return {
    get: (key) => remote("get", async (client) => (await client.get({ key })).value),
    put: (key, value, ttlMs = 0) =>
      remote("put", async (client) => {
        await client.put({ key, value, ttlMs });
      }),
    compareAndSet: (key, expected, value, ttlMs = 0) =>
      remote("compare-and-set", async (client) => {
        const request = {
          key,
          ttlMs,
          ...(expected === undefined ? {} : { expected }),
          ...(value === undefined ? {} : { value }),
        };
        return (await client.compareAndSet(request)).swapped;
      }),
    increment: (key, by, { limit, ttlMs = 0 } = {}) =>
      remote("increment", async (client) => {
        const request = { key, by: BigInt(by), ttlMs, ...(limit === undefined ? {} : { limit: BigInt(limit) }) };
        const { added, value } = await client.increment(request);
        return { added, value: Number(value) };
      }),
    acquire: (key, request) =>
      remote("acquire", async (client) => {
        const { granted, waitMs } = await client.acquire({ key, ...request });
        return { granted, waitMs };
      }),
    async close() {
      closed = true;
    },
  };
}
