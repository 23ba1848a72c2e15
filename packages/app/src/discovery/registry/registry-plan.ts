import { SettingsError, type SettingsProblem } from "@sampan/config";
import type { ConsulLeaseSettings } from "@sampan/discovery/consul";
import type { EtcdLeaseSettings } from "@sampan/discovery/etcd";
import { type KubernetesPod, type KubernetesSettings, kubernetesPod } from "@sampan/discovery/kubernetes";
import type { NacosLeaseSettings } from "@sampan/discovery/nacos";
import type { ServiceSettings } from "../../service-settings.js";
import { type Finding, kinds } from "./kinds.js";
import type { RegistrySettings } from "./registry-settings.js";

/** A registry as settings name it, with all that its client is to be told. */
export type RegistryPlan =
  | { readonly kind: "sampan"; readonly target: string }
  | { readonly kind: "etcd"; readonly settings: EtcdLeaseSettings }
  | { readonly kind: "consul"; readonly settings: ConsulLeaseSettings }
  | { readonly kind: "nacos"; readonly settings: NacosLeaseSettings }
  | { readonly kind: "kubernetes"; readonly settings: KubernetesSettings }
  | { readonly kind: "dns"; readonly nameOf: (service: string) => string; readonly servers: readonly string[] };

export interface RegistrySource {
  /** `process.registry`. */
  readonly registry: string;
  /** `process.listen` and `process.advertise`. */
  readonly listen: string;
  readonly advertise: string;
  readonly settings: RegistrySettings;
  /** Asked only when `process.registry` is `kubernetes`. */
  readonly pod: () => KubernetesPod;
}

const accepted =
  "sampan:<target>, etcd:http://host:2379 (several: …,http://host2:2379), consul:http://host:8500, nacos:http://host:8848, kubernetes, kubernetes:https://host:6443, dns, or nothing";

/**
 * Which registry is used, and how; undefined for none. Opens nothing. Throws one `SettingsError` with everything that is
 * wrong in `process.registry` and the section `registry`, also what is set there and has no meaning for this registry.
 */
export function registryPlan(source: RegistrySource): RegistryPlan | undefined {
  const { registry, settings } = source;
  if (registry === "") return undefined;
  const colon = registry.indexOf(":");
  const kind = kinds[colon === -1 ? registry : registry.slice(0, colon)];
  const problems: SettingsProblem[] = [];
  const finding: Finding = {
    address: colon === -1 ? "" : registry.slice(colon + 1),
    settings,
    pod: source.pod,
    problem: (setting, problem, fix) => problems.push({ setting, source: "settings", problem, fix }),
    badAddress: (problem) => finding.problem("process.registry", problem, `write one of: ${accepted}`),
  };
  if (kind === undefined) finding.badAddress("names no kind of registry that is known");
  const plan = kind?.plan(finding);
  if (kind !== undefined) {
    for (const field of given(settings))
      if (!kind.uses.includes(field))
        finding.problem(`registry.${field}`, "is set, and this kind of registry has no use for it", "remove it");
    if (kind.announces && source.advertise === "" && everywhere.test(source.listen))
      finding.problem(
        "process.advertise",
        "is empty, and callers on other machines cannot use the address in process.listen",
        "set it to an address of this machine, such as ipv4:10.0.3.7:50051",
      );
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return plan;
}

/** The plan of a process with these settings. Throws `SettingsError`. */
export function registryOf(settings: ServiceSettings): RegistryPlan | undefined {
  const { registry, listen, advertise } = settings.process;
  return registryPlan({
    registry,
    listen,
    advertise,
    settings: settings.section("registry") as RegistrySettings,
    pod: () => kubernetesPod(process.env),
  });
}

/** All addresses of a machine: fine to listen on, and nowhere to call. */
const everywhere = /^(ipv[46]:)?(0\.0\.0\.0|\[::\]|\*|):\d+$/;

/** Those that somebody has set and that not every registry knows; the ttl always has a value. */
function given(settings: RegistrySettings): (keyof RegistrySettings)[] {
  const names = Object.keys(settings) as (keyof RegistrySettings)[];
  return names.filter((name) => {
    const value = settings[name];
    return name !== "ttl" && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  });
}
