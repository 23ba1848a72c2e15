export {
  type ConsulAnswer,
  type ConsulBlocking,
  type ConsulCheckStatus,
  ConsulClient,
  type ConsulKey,
  type ConsulOptions,
  type ConsulService,
} from "./consul/consul-client.js";
export { EngineErrors, reasonOf, refusedStatus } from "./errors.js";
export { EtcdClient, type EtcdOptions, type EtcdPage } from "./etcd/etcd-client.js";
export type { EtcdEvent, EtcdKeyValue } from "./etcd/etcd-json.js";
export type { TlsFiles } from "./http/http-client.js";
export { array, type JsonRecord, number, record, text, texts } from "./json/fields.js";
export {
  inCluster,
  KubernetesClient,
  type KubernetesEvent,
  type KubernetesOptions,
  serviceAccountFolder,
} from "./kubernetes/kubernetes-client.js";
export { NacosClient, type NacosInstance, type NacosOptions } from "./nacos/nacos-client.js";
