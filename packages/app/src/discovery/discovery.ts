import { type CancelTimer, type Clock, DeadlineTimers, Runtime, sleep } from "@sampan/core";
import type { Channel, Logger, Meter } from "@sampan/core/ports";
import {
  BalancedChannel,
  type BalancerName,
  type ClusterOptions,
  type EndpointObserver,
  probeClasses,
  probingResolver,
  type WorkingSetState,
} from "@sampan/discovery";
import type { EndpointRules } from "@sampan/govern";
import { CallingTransports } from "../calling-transports.js";
import type { ProcessCertificates } from "../certificates/index.js";
import { bothObservers, clusterOptions, hintsBy, tellingResolver } from "../governance/endpoint-rules.js";
import type { ProcessSettings } from "../process-settings.js";
import { Announcement, type Served } from "./announcement.js";
import { countingObserver } from "./call-counter.js";
import { healthProbe } from "./health-probe.js";
import type { RegistryPlan } from "./registry/registry-plan.js";
import { openRegistry } from "./registry-client.js";

/** What operators and rules may do with the instances that this process calls. */
export interface DiscoveryControl {
  /** The registry's name for this process, different at each start. */
  readonly instanceId: string;
  /** Chooses otherwise among the instances of a service from the next call on, also when nothing has been called there yet. */
  balanceBy(service: string, balancer: BalancerName): void;
  /** By service that has been called. */
  states(): ReadonlyMap<string, WorkingSetState>;
  /** Changes how callers see this process, such as its weight. */
  update(change: Parameters<Announcement["update"]>[0]): Promise<void>;
}

export interface DiscoveryOptions {
  readonly settings: ProcessSettings;
  readonly registry: RegistryPlan;
  /** For an instance that has no name of its own. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Outlier ejection or breakers for the endpoints of a service. */
  readonly observerOf?: ((service: string) => EndpointObserver | undefined) | undefined;
  /** Of a process whose connections are mTLS. */
  readonly certificates?: ProcessCertificates | undefined;
  /** What traffic rules say of the instances of a service. */
  readonly rulesOf?: ((service: string) => EndpointRules) | undefined;
}

/** How often the age of what registries said is written down, in ms. */
const ageEveryMs = 5_000;
/** Reconnects sooner than channels that wait for one server: there are others meanwhile. */
const reconnect = { initialMs: 50, maxMs: 1_000 };
/** A connection for probes whose instance is gone. */
const probeIdleMs = 10_000;

/** The registry, and a channel over all instances of each service that is found there. */
export class Discovery implements DiscoveryControl {
  readonly instanceId: string;
  readonly #options: DiscoveryOptions;
  readonly #targets: ReadonlySet<string>;
  readonly #registry: ReturnType<typeof openRegistry>;
  readonly #resolver: ReturnType<typeof probingResolver>;
  readonly #announcement: Announcement;
  // Without waiting for a server: a call that one instance cannot take is for another.
  readonly #transports: CallingTransports;
  readonly #probes: CallingTransports;
  readonly #channels = new Map<string, BalancedChannel>();
  readonly #balancers = new Map<string, BalancerName>();
  #cancelAge: CancelTimer | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    const { settings, name, clock, logger, certificates } = options;
    const { zone, weight, release, instance, criticalServices } = settings;
    this.instanceId = `${instance === "" ? name : instance}.${Math.random().toString(36).slice(2, 8)}`;
    this.#targets = new Set(settings.targets.map((target) => target.slice(0, target.indexOf("="))));
    this.#transports = new CallingTransports({ clock, logger, reconnect }, certificates);
    this.#probes = new CallingTransports({ clock, logger, reconnect, idleTimeoutMs: probeIdleMs }, certificates);
    const deadlines = new DeadlineTimers(clock);
    const runtimeWith = (connect: (service: string) => Channel): Runtime =>
      new Runtime({ name, clock, logger, deadlines, defaultTimeoutMs: settings.defaultTimeout, connect });
    const runtimeTo = (target: string): Runtime => runtimeWith((service) => this.#transports.connect(service, target));
    this.#registry = openRegistry(options.registry, { clock, logger, runtimeTo });
    const critical = new Set(criticalServices);
    this.#resolver = probingResolver(this.#registry.resolver, {
      probe: healthProbe(
        (target, service) => runtimeWith(() => this.#probes.connect(service, target)),
        (service) => this.#probes.groupOf(service),
      ),
      policy: (service) => (critical.has(service) ? probeClasses.P0 : probeClasses.P1),
      board: this.#registry.board,
      clock,
      owner: this.instanceId,
    });
    const labels = {};
    this.#announcement = new Announcement(this.#registry.registrar, {
      id: this.instanceId,
      zone,
      weight,
      version: release,
      labels,
    });
    this.#ageLater();
  }

  /** One channel for all who call the service; undefined for one that `process.targets` places. */
  channelTo(service: string): Channel | undefined {
    if (this.#targets.has(service)) return undefined;
    let channel = this.#channels.get(service);
    if (channel === undefined) {
      const { clock, logger, meter, observerOf, rulesOf } = this.#options;
      const rules = rulesOf?.(service);
      channel = new BalancedChannel({
        service,
        resolver: rules === undefined ? this.#resolver : tellingResolver(this.#resolver, rules),
        connect: (address) => this.#transports.connect(service, address),
        clock,
        logger,
        meter,
        cluster: this.#clusterOptions(service, rules),
        observer: countingObserver(service, meter, bothObservers(rules, observerOf?.(service))),
        ...(rules === undefined ? {} : { hints: hintsBy(rules) }),
      });
      const { cluster } = channel;
      rules?.onChange(() => cluster.configure(this.#clusterOptions(service, rules), clock.monotonic()));
      this.#channels.set(service, channel);
    }
    return channel;
  }

  #clusterOptions(service: string, rules: EndpointRules | undefined): ClusterOptions {
    const balancer = this.#balancers.get(service);
    const { zone } = this.#options.settings;
    const own = { zone, caller: this.instanceId, ...(balancer === undefined ? {} : { balancer }) };
    return clusterOptions(rules, own);
  }

  balanceBy(service: string, balancer: BalancerName): void {
    this.#balancers.set(service, balancer);
    this.#channels.get(service)?.cluster.balanceBy(balancer, this.#options.clock.monotonic());
  }

  states(): ReadonlyMap<string, WorkingSetState> {
    return new Map([...this.#channels].map(([service, channel]) => [service, channel.state]));
  }

  update(change: Parameters<Announcement["update"]>[0]): Promise<void> {
    return this.#announcement.update(change);
  }

  /** Callers find this process from now on. */
  announce(served: readonly Served[]): Promise<void> {
    const { advertise } = this.#options.settings;
    return this.#announcement.announce(
      served.map(({ service, address }) => ({ service, address: advertise === "" ? address : advertise })),
    );
  }

  /** No new calls come here soon after this has resolved; those that are on their way are still taken. */
  async leave(): Promise<void> {
    if (this.#announcement.size === 0) return;
    await this.#announcement.leave();
    await sleep(this.#options.clock, this.#options.settings.leaveGrace);
  }

  async close(): Promise<void> {
    this.#cancelAge?.();
    await this.#announcement.leave();
    await Promise.all([...this.#channels.values()].map((channel) => channel.close()));
    await this.#resolver.close();
    await this.#registry.board?.close?.();
    await this.#registry.registrar?.close();
    await Promise.all([this.#probes.close(), this.#transports.close()]);
  }

  #ageLater(): void {
    const { clock, meter } = this.#options;
    this.#cancelAge = clock.timer(
      ageEveryMs,
      () => {
        for (const [service, { state }] of this.#channels) {
          const { stale, freshAt } = state;
          const since = freshAt ?? clock.monotonic();
          meter.gauge(ageGauge, { service }).set(stale === undefined ? 0 : (clock.monotonic() - since) / 1000);
        }
        this.#ageLater();
      },
      { background: true },
    );
  }
}

const ageGauge = {
  name: "discovery_registry_age_seconds",
  help: "How old the instances in use are while the registry cannot be followed; 0 when it can.",
};
