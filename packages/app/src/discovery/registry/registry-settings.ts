import { duration, list, optional, type Settings, type SettingsOf, secret, settings, text } from "@sampan/config";

const name = /^([A-Za-z0-9][\w.-]{0,127})?$/;

const fields = {
  namespace: text({
    default: "",
    pattern: name,
    doc: "registrations of different namespaces do not see each other; of etcd (empty: default), nacos (its id; empty: public) and kubernetes (empty: the pod's own)",
  }),
  ttl: duration({
    default: "30s",
    min: "2s",
    max: "10m",
    doc: "how long etcd, consul and nacos keep an instance that they do not hear of; renewed at a third of it or sooner",
  }),
  user: text({ default: "", doc: "how this process signs in to etcd or nacos; empty: it does not" }),
  password: optional(secret({ doc: "of that user" })),
  token: optional(secret({ doc: "Consul's ACL token" })),
  caFile: text({
    default: "",
    doc: "certificates (PEM) that sign the registry's, for https; empty: those that Node.js knows",
  }),
  certFile: text({ default: "", doc: "this process's certificate (PEM) for etcd, consul or nacos; needs key-file" }),
  keyFile: text({ default: "", doc: "the key (PEM) of that certificate" }),
  datacenter: text({ default: "", pattern: name, doc: "Consul's; empty: the agent's own" }),
  group: text({ default: "", pattern: name, doc: "Nacos's; empty: DEFAULT_GROUP" }),
  names: text({
    default: "",
    maxLength: 255,
    doc: "what kubernetes (empty: {package}) or dns call a service, such as {package}.shop.svc.cluster.local:50051: of order.v1.OrderService {package} is order, {name} order-service, {service} all of it",
  }),
  servers: list(text({ pattern: /^[\w.:[\]]+$/ }), {
    default: [],
    maxItems: 10,
    doc: "name servers for dns, such as 10.0.0.2:53; empty: the system's",
  }),
  port: text({
    default: "",
    pattern: /^([a-z0-9][a-z0-9-]{0,62})?$/,
    doc: "the name of the port that is called in kubernetes; empty: the first",
  }),
};

/** How the registry that `process.registry` names is used. */
export const RegistrySettings: Settings<typeof fields> = settings(fields);
export type RegistrySettings = SettingsOf<typeof RegistrySettings>;
