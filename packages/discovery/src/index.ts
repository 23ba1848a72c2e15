export { type BalancerName, balancers, type MakeBalancer } from "./balancers/index.js";
export { BalancedChannel } from "./channel/balanced-channel.js";
export { DiscoveryErrors } from "./channel/errors.js";
export type { BalancedChannelOptions, EndpointObserver } from "./channel/options.js";
export { Cluster, type ClusterOptions, type EndpointGate } from "./cluster/cluster.js";
export type { PanicPolicy } from "./cluster/healthy.js";
export type { SlowStartPolicy } from "./cluster/slow-start.js";
export { checkInstance, instanceLimits } from "./working-set/check-instance.js";
export { WorkingSet, type WorkingSetOptions, type WorkingSetState } from "./working-set/working-set.js";
