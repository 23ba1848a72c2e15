// needs: etcd
import { ConsulAgent } from "../backends/consul/consul-agent.fixture.js";
import { consulResolver } from "../backends/consul/resolver.js";
import { EtcdCluster } from "../backends/etcd/etcd-cluster.fixture.js";
import { etcdResolver } from "../backends/etcd/resolver.js";
import { NacosServer } from "../backends/nacos/nacos-server.fixture.js";
import { nacosResolver } from "../backends/nacos/resolver.js";
import { leasedProcess } from "./leased-process.fixture.js";

const ttlMs = 3000;

leasedProcess("etcd", async () => {
  const cluster = await EtcdCluster.start(1);
  const settings = { backend: "etcd" as const, endpoints: cluster.endpoints, ttlMs };
  return { settings, resolver: etcdResolver(settings), dispose: () => cluster.stop() };
});

leasedProcess("consul (stand-in)", async () => {
  const agent = new ConsulAgent();
  const settings = { backend: "consul" as const, endpoints: [await agent.listen()], ttlMs };
  return { settings, resolver: consulResolver(settings), dispose: () => agent.close() };
});

leasedProcess("nacos (stand-in)", async () => {
  const server = new NacosServer();
  const settings = { backend: "nacos" as const, endpoints: [await server.listen()], ttlMs };
  return { settings, resolver: nacosResolver(settings, { pollMs: 100 }), dispose: () => server.close() };
});

const { TEST_CONSUL_ADDRESS: realAgent, TEST_NACOS_ADDRESS: realServer } = process.env;
const nothing = async (): Promise<void> => {};

if (realAgent !== undefined)
  leasedProcess("consul (real)", async () => {
    const settings = { backend: "consul" as const, endpoints: [realAgent], ttlMs };
    return { settings, resolver: consulResolver(settings), dispose: nothing };
  });

if (realServer !== undefined)
  leasedProcess("nacos (real)", async () => {
    const settings = { backend: "nacos" as const, endpoints: [realServer], group: `leased-${process.pid}`, ttlMs };
    return { settings, resolver: nacosResolver(settings), dispose: nothing };
  });
