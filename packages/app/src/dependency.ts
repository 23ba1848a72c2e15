import type { Call, Clock, Runtime } from "@sampan/core";
import type { Logger, Meter } from "@sampan/core/ports";

/** What opening a dependency may use. */
export interface DependencyContext {
  /** The service that it is for; empty for one that the process shares. */
  readonly service: string;
  /** Values of the dependency's own settings section. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The folder that embedded engines keep their files in. */
  readonly dataFolder: string;
  /** Other instances of the service may have the files of that folder open at the same time. */
  readonly sharedData: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly runtime: Runtime;
  /** Shows an address to whoever runs the process, and to its services. */
  announce(name: string, url: string): void;
  /** Another dependency that the process shares; opened first, and closed after this one. Not one that needs this one. */
  need<T>(dependency: SingletonDependency<T>): Promise<T>;
}

/**
 * A dependency that is open. `close` is called once, after everything that was opened later is closed; what has not
 * closed after five seconds is left behind.
 */
export interface Opened<T> {
  readonly value: T;
  readonly close?: () => Promise<void> | void;
}

/**
 * Something that services need, built from settings. Its lifetime says how often it exists:
 *
 * - `process`: once in a process, shared by the services that need it;
 * - `service`: once for each service;
 * - `call`: once for each call that asks for it, closed when the call settles. The service gets a function.
 */
export type Dependency<T> = SingletonDependency<T> | CallDependency<T>;

/** Why a dependency cannot be opened by several processes at once. */
export interface OneProcessOnly {
  /** A phrase that follows its name: `is a file that one process opens`. */
  readonly why: string;
  readonly fix: string;
}

interface DependencyBase {
  /** The name of its settings section. No service has it, nor another dependency that the process shares. */
  readonly name: string;
  /** A schema made with `settings()` of `@sampan/config`. */
  // biome-ignore lint/suspicious/noExplicitAny: the schema's shape matters only to `open`, which reads its own section
  readonly settings?: any;
  /**
   * Given the values of its settings section: why several workers (`process.workers`) must not each open it; undefined
   * when they may, as for one without this function.
   */
  readonly oneProcessOnly?: (settings: Readonly<Record<string, unknown>>) => OneProcessOnly | undefined;
}

export interface SingletonDependency<T> extends DependencyBase {
  readonly lifetime: "process" | "service";
  /** Called once for its lifetime, when the first service that needs it is built. Frees what it opened when it fails. */
  open(context: DependencyContext): Promise<Opened<T>> | Opened<T>;
}

export interface CallDependency<T> extends DependencyBase {
  readonly lifetime: "call";
  /** Called when a call first asks for it. At once: what takes time to open belongs to a longer lifetime. */
  open(call: Call, context: DependencyContext): Opened<T>;
}

// biome-ignore lint/suspicious/noExplicitAny: a record of dependencies of any type; Resolved recovers each of them
export type Needs = Readonly<Record<string, Dependency<any>>>;

/** What a service's `build` gets for its needs. */
export type Resolved<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends SingletonDependency<infer T>
    ? T
    : N[K] extends CallDependency<infer T>
      ? (call: Call) => T
      : never;
};
