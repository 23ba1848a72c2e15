import { systemClock } from "@sampan/core";
import type { ConfigStore } from "@sampan/core/ports";
import { type ConfigUnderTest, configContract } from "@sampan/testkit";
import { consulKv } from "./consul/consul-kv.fixture.js";
import { ConsulConfigStore } from "./consul/consul-store.js";
import { nacosConfig } from "./nacos/nacos-config.fixture.js";
import { NacosConfigStore } from "./nacos/nacos-store.js";

const pass = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.timer(ms, resolve));
const keys = ["sampan/test/order", "sampan/test/order-saga", "sampan/test/order.previous"];

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** A real server, which is not ours to close. */
const at = (url: string) => async (): Promise<Server> => ({ url, close: async () => {} });

function opening(server: () => Promise<Server>, open: (url: string) => ConfigStore): () => Promise<ConfigUnderTest> {
  return async () => {
    const { url, close } = await server();
    const [store, other] = [open(url), open(url)];
    for (const key of keys) await other.publish(key, undefined);
    return {
      store,
      other,
      passTime: pass,
      async dispose() {
        await Promise.all([store.close(), other.close()]);
        await close();
      },
    };
  };
}

const consul = (url: string): ConfigStore => new ConsulConfigStore({ endpoints: [url], waitMs: 500 });
const nacos = (url: string): ConfigStore => new NacosConfigStore({ endpoints: [url], pollMs: 10 });

configContract("Consul's stand-in", opening(consulKv, consul));
configContract("Nacos's stand-in", opening(nacosConfig, nacos), { atomic: false });

// Against real servers too, when the environment names them.
const { TEST_CONSUL_URL = "", TEST_NACOS_URL = "" } = process.env;
if (TEST_CONSUL_URL !== "") configContract("Consul", opening(at(TEST_CONSUL_URL), consul));
if (TEST_NACOS_URL !== "") configContract("Nacos", opening(at(TEST_NACOS_URL), nacos), { atomic: false });
