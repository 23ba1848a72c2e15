import type { KubernetesPod } from "@sampan/discovery/kubernetes";
import type { RegistryPlan } from "./registry-plan.js";
import type { RegistrySettings } from "./registry-settings.js";
import { serviceNames } from "./service-names.js";

/** What a kind of registry reads its plan from, and says what is wrong to. */
export interface Finding {
  /** What follows the kind in `process.registry`. */
  readonly address: string;
  readonly settings: RegistrySettings;
  readonly pod: () => KubernetesPod;
  readonly problem: (setting: string, problem: string, fix: string) => void;
  /** Of `process.registry`. */
  readonly badAddress: (problem: string) => void;
}

/** A kind of registry, before anything of it is opened. */
export interface Kind {
  /** Settings of the section `registry` that mean something here. */
  readonly uses: readonly (keyof RegistrySettings)[];
  /** Whether processes on other machines find this one there. */
  readonly announces: boolean;
  /** Undefined when a problem was found that leaves no plan. */
  plan(finding: Finding): RegistryPlan | undefined;
}

const tlsFields = ["caFile", "certFile", "keyFile"] as const;

/** The key is what `process.registry` begins with. */
export const kinds: Readonly<Record<string, Kind>> = Object.assign(Object.create(null), {
  sampan: {
    uses: [],
    announces: false,
    plan({ address, badAddress }) {
      if (address === "") badAddress("does not say where the registry listens");
      return { kind: "sampan", target: address };
    },
  },
  etcd: {
    uses: ["namespace", "user", "password", ...tlsFields],
    announces: true,
    plan(finding) {
      const { namespace, ttl: ttlMs } = finding.settings;
      const base = { endpoints: endpoints(finding), user: login(finding), tls: tls(finding), ttlMs };
      return { kind: "etcd", settings: { ...base, ...named({ namespace }) } };
    },
  },
  consul: {
    uses: ["token", "datacenter", ...tlsFields],
    announces: true,
    plan(finding) {
      const { datacenter, token, ttl: ttlMs } = finding.settings;
      const base = { endpoints: endpoints(finding), token: token?.reveal(), tls: tls(finding), ttlMs };
      return { kind: "consul", settings: { ...base, ...named({ datacenter }) } };
    },
  },
  nacos: {
    uses: ["namespace", "group", "user", "password", ...tlsFields],
    announces: true,
    plan(finding) {
      const { namespace, group, ttl: ttlMs } = finding.settings;
      const base = { endpoints: endpoints(finding), user: login(finding), tls: tls(finding), ttlMs };
      return { kind: "nacos", settings: { ...base, ...named({ namespace, group }) } };
    },
  },
  kubernetes: {
    uses: ["namespace", "names", "port", "caFile"],
    announces: false,
    plan(finding) {
      const { address, settings, problem, badAddress } = finding;
      const pod = finding.pod();
      const api = address === "" ? pod.api : { ...accountOf(address), endpoints: endpoints(finding) };
      if (api === undefined)
        badAddress("says kubernetes without an address, which is for pods, and no KUBERNETES_SERVICE_HOST is set");
      const namespace = settings.namespace || pod.namespace;
      if (namespace === undefined)
        problem("registry.namespace", "is empty, and no pod's files say it", "name the namespace of the Services");
      const nameOf = names(finding, settings.names || "{package}", /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "order");
      if (api === undefined || namespace === undefined || nameOf === undefined) return undefined;
      const selectorOf = (service: string): string => `kubernetes.io/service-name=${nameOf(service)}`;
      return { kind: "kubernetes", settings: { ...api, ...named(settings, "caFile", "port"), namespace, selectorOf } };
    },
  },
  dns: {
    uses: ["names", "servers"],
    announces: false,
    plan(finding) {
      const { address, settings, badAddress } = finding;
      if (address !== "") badAddress("has something after dns: names are in registry.names");
      const form = /^([\w.-]+:\d{1,5}|_[\w-]+\._[\w-]+\.[\w.-]+)$/;
      const nameOf = names(finding, settings.names, form, "{package}.shop.svc.cluster.local:50051");
      return nameOf && { kind: "dns", nameOf, servers: settings.servers };
    },
  },
} satisfies Record<string, Kind>);

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A token is not sent where everybody can read it: without TLS there is a proxy that signs in by itself. */
function accountOf(address: string): { readonly tokenFile?: string; readonly caFile?: string } {
  if (!address.startsWith("https:")) return {};
  return { tokenFile: `${serviceAccountFolder}/token`, caFile: `${serviceAccountFolder}/ca.crt` };
}

function endpoints({ address, badAddress }: Finding): readonly string[] {
  const written = address.split(",").map((each) => each.trim());
  for (const each of written) {
    // What is wrong is not shown: it may be a password.
    if (each.includes("@"))
      badAddress("has credentials in it: registry.user, registry.password and registry.token are for them");
    else if (!/^https?:\/\/([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?\/?$/.test(each) || !URL.canParse(each))
      badAddress("has an address that is not http://host:port or https://host:port");
  }
  return written;
}

function login({ settings, problem }: Finding): { readonly name: string; readonly password: string } | undefined {
  const { user: name, password } = settings;
  if (name !== "" && password === undefined)
    problem("registry.password", "is missing, and registry.user is set", "set SAMPAN_REGISTRY_PASSWORD, or …_FILE");
  if (name === "" && password !== undefined)
    problem("registry.user", "is empty, and registry.password is set", "name the user");
  return name === "" || password === undefined ? undefined : { name, password: password.reveal() };
}

function tls({ settings, problem }: Finding): { readonly [name in (typeof tlsFields)[number]]?: string } | undefined {
  const { certFile, keyFile } = settings;
  if ((certFile === "") !== (keyFile === ""))
    problem(
      `registry.${certFile === "" ? "certFile" : "keyFile"}`,
      "is empty: a certificate needs its key",
      "set both",
    );
  const files = named(settings, ...tlsFields);
  return Object.keys(files).length === 0 ? undefined : files;
}

function names(
  { problem }: Finding,
  template: string,
  form: RegExp,
  example: string,
): ((service: string) => string) | undefined {
  const nameOf = serviceNames(template);
  const write = `write something like ${example}, with {package}, {name} or {service} in it`;
  if (typeof nameOf !== "function") problem("registry.names", `has {${nameOf.unknown}} in it, which is unknown`, write);
  else if (!form.test(nameOf("order.v1.OrderService")))
    problem("registry.names", template === "" ? "is empty" : "makes no name that can be looked up", write);
  else return nameOf;
  return undefined;
}

/** Those of the texts that are not empty. */
function named<T extends object, K extends keyof T>(texts: T, ...which: readonly K[]): { [name in K]?: string } {
  const keys = which.length === 0 ? (Object.keys(texts) as K[]) : which;
  const found: { [name in K]?: string } = {};
  for (const key of keys) if (texts[key] !== "") found[key] = texts[key] as string;
  return found;
}
