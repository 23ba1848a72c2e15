import { choice, duration, list, type Settings, type SettingsOf, settings, text } from "@sampan/config";

const fields = {
  mode: choice(["none", "workload"], {
    default: "none",
    doc: "workload: every gRPC connection is mTLS, with certificates from a SPIFFE Workload API (Sampan's, SPIRE's or another)",
  }),
  endpoint: text({
    default: "",
    doc: "where the Workload API listens, such as unix:/run/spire/agent.sock; empty: SPIFFE_ENDPOINT_SOCKET",
  }),
  trustDomain: text({
    default: "",
    pattern: /^[a-z0-9._-]{0,255}$/,
    doc: "the trust domain that this process must be of; empty: that of its certificate",
  }),
  namespace: text({
    default: "sampan",
    pattern: /^[a-zA-Z0-9._-]{1,253}$/,
    doc: "of the services that are named without a SPIFFE id: spiffe://<trust domain>/ns/<namespace>/sa/<service>",
  }),
  servers: list(text({ pattern: /^(\*|[a-zA-Z0-9_.]+(\.\*)?)=([a-z0-9][a-z0-9-]{0,62}|spiffe:\/\/[^\s,]+)$/ }), {
    default: [],
    doc: "who may serve a contract, such as order.v1.OrderService=order or sampan.*=supervisor, or a SPIFFE id behind the =; one that is not named here is served by the service that its package begins with: order.v1.OrderService by order",
  }),
  hint: text({ default: "", doc: "which of several identities that the Workload API offers; empty: the first" }),
  startTimeout: duration({
    default: "30s",
    min: "10ms",
    max: "10m",
    doc: "how long a start waits for the first certificate",
  }),
  drainTimeout: duration({
    default: "5s",
    min: "0s",
    max: "10m",
    doc: "how long calls may still take on a connection whose certificate is no longer good, or has been renewed",
  }),
};

/** Who this process is on the network, and whom it believes. */
export const CertificateSettings: Settings<typeof fields> = settings(fields);
export type CertificateSettings = SettingsOf<typeof CertificateSettings>;
