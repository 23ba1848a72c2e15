import { boolean, duration, integer, list, type Setting, text } from "@sampan/config";

interface Fields {
  readonly registry: Setting<string>;
  readonly advertise: Setting<string>;
  readonly instance: Setting<string>;
  readonly zone: Setting<string>;
  readonly weight: Setting<number>;
  readonly release: Setting<string>;
  readonly criticalServices: Setting<readonly string[]>;
  readonly leaveGrace: Setting<number>;
  readonly sharedData: Setting<boolean>;
}

const token = /^[A-Za-z0-9_.-]*$/;

/** What a process is told about the other instances of its services, and about those that it calls. */
export const discoveryFields: Fields = {
  registry: text({
    default: "",
    doc: "where instances of services are found and announced: sampan:unix:/run/supervisor, etcd:http://host:2379,…, consul:http://…, nacos:http://…; kubernetes and dns find them only; empty: process.targets says everything",
  }),
  advertise: text({
    default: "",
    doc: "the address that the registry gives to callers; empty: where this process listens",
  }),
  instance: text({
    default: "",
    pattern: token,
    maxLength: 100,
    doc: "the name of this instance, to which each start adds something of its own; empty: the service's name",
  }),
  zone: text({
    default: "",
    pattern: token,
    maxLength: 100,
    doc: "where this process runs; callers prefer their own zone",
  }),
  weight: integer({
    default: 100,
    min: 0,
    max: 1000,
    doc: "this instance's share of the calls relative to others; 0 takes none",
  }),
  release: text({
    default: "",
    pattern: token,
    maxLength: 100,
    doc: "the release that this instance runs, such as canary; empty: stable",
  }),
  criticalServices: list(text({ pattern: /^[a-zA-Z0-9_.]+$/ }), {
    default: [],
    doc: "services whose instances are probed every 500 ms (class P0) instead of every 2 s (P1), such as order.v1.OrderService",
  }),
  leaveGrace: duration({
    default: "100ms",
    min: "0s",
    max: "1m",
    doc: "how long a process that stops still takes calls after it has left the registry, so that callers see it first",
  }),
  sharedData: boolean({
    default: false,
    doc: "other instances of these services use the same data folder at the same time: files are shared, and work without a caller is done by one of them",
  }),
};
