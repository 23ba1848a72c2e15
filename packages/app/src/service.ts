import type { LiveView, Settings, SettingsOf } from "@sampan/config";
import type { Clock, Layer, Runtime, Service } from "@sampan/core";
import type { Logger, Meter } from "@sampan/core/ports";
import type { Needs, Resolved } from "./dependency.js";

/** Work that a service does by itself: relays, saga runners, schedules. */
export interface Runnable {
  start(): Promise<void> | void;
  /**
   * Takes up nothing new; resolves when what is under way is finished, or left off safely after `graceMs`. Called also
   * when `start` failed.
   */
  stop(graceMs: number): Promise<void>;
}

/** A door to the outside: started last, drained first. */
export interface Edge {
  /** Unique in a process, and not `admin`; names its address. */
  readonly name: string;
  /** Resolves when it accepts connections. */
  listen(): Promise<OpenEdge>;
}

/** A door that is open. */
export interface OpenEdge {
  /** Where it can be reached. */
  readonly url: string;
  /** Takes no new requests; resolves when those in hand are answered. */
  drain(): Promise<void>;
  /** Aborts what is in hand and frees everything; called once, also after a drain. */
  close(): Promise<void>;
}

/** What a service consists of. */
export interface Parts {
  readonly serves?: readonly Service[];
  readonly runs?: readonly Runnable[];
  readonly edges?: readonly Edge[];
}

/** What `build` gets beside the service's needs. */
export interface BuildContext<S> {
  /** As they were at the start. */
  readonly settings: S;
  /** The same, with those declared `live` as they are now: `live.for(call.tenant).paymentWindow` in a handler. */
  readonly live: LiveView<S>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly runtime: Runtime;
  /** Tracing, metrics and logs, for edges that handle requests themselves. */
  readonly edgeLayers: readonly Layer[];
  /** To pass to a saga runner as `onBoundary`. */
  readonly sagaBoundary: (point: string) => void;
  /** The address of an edge of this process by its name; undefined before it listens. */
  readonly addressOf: (edge: string) => string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the schema's shape is recovered by SettingsOf
type AnySettings = Settings<any>;

export interface ServiceDefinition<S extends AnySettings, N extends Needs> {
  /** Lower case; names its settings section, its data file and its identity. */
  readonly name: string;
  readonly settings: S;
  readonly needs: N;
  /** Around this service's handlers only, inside the layers of the process. */
  readonly layers?: readonly Layer[];
  readonly build: (context: Resolved<N> & BuildContext<SettingsOf<S>>) => Parts | Promise<Parts>;
}

/** A service, ready to be run alone or with others. */
export interface ServiceModule {
  readonly name: string;
  readonly settings: AnySettings;
  readonly needs: Needs;
  readonly layers: readonly Layer[];
  // biome-ignore lint/suspicious/noExplicitAny: the typed signature is checked where the module is defined
  readonly build: (context: any) => Parts | Promise<Parts>;
}

/** Defines a service: what it needs, and how it is built from that. Nothing happens until it is run. */
export function service<S extends AnySettings, N extends Needs>(definition: ServiceDefinition<S, N>): ServiceModule {
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    throw new TypeError(`service name ${JSON.stringify(definition.name)}: use lower-case letters, digits and "-"`);
  }
  return { ...definition, layers: definition.layers ?? [] };
}
