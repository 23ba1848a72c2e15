import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Clock, type Layer, type Method, methods, type Service } from "@sampan/core";
import type { Broker, KeyValue } from "@sampan/core/ports";
import {
  allSections,
  type EndpointRules,
  enqueuedMethods,
  fileSource,
  followSource,
  Governor,
  type GovernorState,
  type GovernPorts,
  governClient,
  governServer,
  governStack,
  preset,
  Recorder,
  requireRules,
  withBase,
} from "@sampan/govern";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { KeyValueService } from "@sampan/protos/sampan/keyvalue/v1/key_value_pb.js";
import type { RemoteRules } from "../live-settings/index.js";
import { enqueuingBroker } from "../queued-calls/index.js";
import type { Telemetry } from "../telemetry.js";
import type { GovernSettings } from "./govern-settings.js";

/** What `/rules` of the admin port shows. */
export interface GovernanceState extends GovernorState {
  /** As `govern.rules` names it; empty without. */
  readonly source: string;
  readonly preset: string;
}

/** The traffic rules of a process. Its layers are there from the beginning; rules come with `start`. */
export interface Governance {
  readonly clientLayers: readonly Layer[];
  readonly serverLayers: readonly Layer[];
  /** Baggage that rules match by. */
  readonly labels: readonly string[];
  /** What rules say of the instances of a service. */
  endpoints(service: string): EndpointRules;
  /** The topics that rules enqueue calls of these methods to. */
  topicsOf(methods: readonly Method[]): ReadonlyMap<string, readonly Method[]>;
  /** Called when other rules are in force. Returns what ends that. */
  onLoad(listener: () => void): () => void;
  /** What is in force, for operators. */
  state(): GovernanceState;
  /** What this process serves; before `start`, so that rules that do not fit are refused. */
  serves(services: readonly Service[]): void;
  /** Whether there is anything to start. */
  readonly configured: boolean;
  /**
   * Puts the rules in force and follows them from then on. Throws when they are wrong: there is no last good set to
   * stay with yet.
   */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Opens nothing before `start`. */
export function openGovernance(
  settings: GovernSettings,
  {
    clock,
    telemetry,
    published,
    everythingHere = false,
    openBroker,
    openKeyValue,
  }: {
    readonly clock: Clock;
    readonly telemetry: Telemetry;
    /** The rules that `govern.rules` names in the centre of configuration; undefined when it names a file. */
    readonly published?: (rules: string) => RemoteRules | undefined;
    /** Every service that is called runs in this process. */
    readonly everythingHere?: boolean;
    /** For calls that are enqueued; opened when the first one is. */
    readonly openBroker?: (() => Promise<Broker>) | undefined;
    /** For shared limits. */
    readonly openKeyValue?: (() => KeyValue) | undefined;
  },
): Governance {
  const { rules, record, recordSize, labels } = settings;
  const logger = telemetry.logger.child({ component: "govern" });
  const known = new Map<string, Method>();
  const ports: GovernPorts = {
    findMethod: (path) => known.get(path),
    ...(openBroker === undefined ? {} : { broker: enqueuingBroker(openBroker, (path) => known.get(path)) }),
  };
  const stack = governStack(openKeyValue === undefined ? ports : withKeyValue(ports, openKeyValue));
  const governor = new Governor({ stack, clock, meter: telemetry.meter, logger });
  const recorder =
    record === ""
      ? undefined
      : new Recorder({
          // Each process has a file of its own: two that turn one over would lose calls.
          path: join(resolve(record), `calls-${process.pid}.jsonl`),
          maxBytes: recordSize,
          meter: telemetry.meter,
          logger,
        });
  const recording = recorder === undefined ? [] : [recorder.layer];
  let stop = (): void => {};
  return {
    clientLayers: [...recording, called(known), exceptForRules(governClient(governor))],
    serverLayers: [...recording, governServer(governor)],
    labels,
    endpoints: (service) => governor.endpoints(service),
    topicsOf: (methods) => enqueuedMethods(governor.rules, methods),
    onLoad: (listener) => governor.onLoad(listener),
    state: () => ({ source: rules, preset: settings.preset, ...governor.state() }),
    serves(services) {
      const served = services.flatMap(({ handlers }) => [...handlers.keys()]);
      for (const method of served) known.set(method.path, method);
      governor.know("server", served);
      if (everythingHere) governor.know("client", served);
    },
    configured: rules !== "" || settings.preset !== "none" || record !== "",
    async start() {
      if (recorder !== undefined) await mkdir(resolve(record), { recursive: true });
      const base = settings.preset === "none" ? undefined : preset(settings.preset);
      if (rules === "") {
        if (base !== undefined) governor.load(base, `preset ${settings.preset}`);
        return;
      }
      const options = { sections: allSections, ...(base === undefined ? {} : { base }) };
      const remote = published?.(rules);
      if (remote !== undefined) {
        stop = await remote.follow(governor, options);
        return;
      }
      governor.load(withBase(requireRules(await readFile(resolve(rules), "utf8"), rules, options), base), "start");
      stop = followSource(governor, fileSource(rules, { clock }), options);
    },
    async close() {
      stop();
      governor.close();
      await recorder?.close();
    },
  };
}

/** Opened when a limit asks for it. */
function withKeyValue(ports: GovernPorts, open: () => KeyValue): GovernPorts {
  return Object.defineProperty({ ...ports }, "keyValue", { get: open, enumerable: true }) as GovernPorts;
}

/** Remembers the contracts that this process calls, for fallbacks to other methods. Changes no call. */
function called(known: Map<string, Method>): Layer {
  return (next, method) => {
    for (const each of methods(method.desc.parent)) if (!known.has(each.path)) known.set(each.path, each);
    return next;
  };
}

/** What rules themselves call: a rule for everything must not keep itself from its store. */
const ofRules: ReadonlySet<string> = new Set([BrokerService.typeName, KeyValueService.typeName]);

function exceptForRules(layer: Layer): Layer {
  return (next, method) => (ofRules.has(method.service) ? next : layer(next, method));
}
