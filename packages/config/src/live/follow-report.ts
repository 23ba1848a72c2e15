import type { CancelTimer, Clock, RpcError } from "@sampan/core";
import type { Counter, Gauge, Logger, Meter } from "@sampan/core/ports";
import type { Swap } from "./live-settings.js";

/** How it stands, for operators. */
export interface FollowStatus {
  /** Of the documents in force. */
  readonly revision: string;
  /** Why newer settings are not in force; undefined when the last that came are. */
  readonly rejected: { readonly revision: string; readonly why: string } | undefined;
  /** Keys that cannot be read at present, with the reason. */
  readonly unreachable: ReadonlyMap<string, string>;
  /** Since when the settings in force are known not to be the newest, or cannot be known to be; 0 when all is well. */
  readonly ageSeconds: number;
}

/** How often the age is shown anew. */
const ageEveryMs = 5000;

/** Tells logs, metrics and operators what came of changes. */
export class FollowReport {
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #age: Gauge | undefined;
  readonly #failures: Counter | undefined;
  readonly #reloads: Counter | undefined;
  readonly #unreachable = new Map<string, string>();
  #revision = "";
  #rejected: FollowStatus["rejected"];
  /** Names that have been said to wait for the next start. */
  #waiting = "";
  #badSince: number | undefined;
  #ageing: CancelTimer = () => {};

  constructor({ clock, logger, meter }: { clock: Clock; logger?: Logger | undefined; meter?: Meter | undefined }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#age = meter?.gauge({
      name: "config_last_good_age_seconds",
      help: "Since when the settings in force are not known to be the newest; 0 when they are.",
    });
    this.#failures = meter?.counter({
      name: "config_reload_failures_total",
      help: "Changed settings that were refused.",
    });
    this.#reloads = meter?.counter({ name: "config_reloads_total", help: "Changed settings that were put in force." });
    this.#show();
  }

  get status(): FollowStatus {
    const since = this.#badSince;
    return {
      revision: this.#revision,
      rejected: this.#rejected,
      unreachable: new Map(this.#unreachable),
      ageSeconds: since === undefined ? 0 : (this.#clock.monotonic() - since) / 1000,
    };
  }

  accepted(revision: string, { changed, waiting }: Swap): void {
    this.#revision = revision;
    this.#rejected = undefined;
    this.#reloads?.add();
    this.#judge();
    if (changed.length > 0) this.#logger?.info("settings have changed", { changed, revision });
    const names = waiting.join(" ");
    if (names !== this.#waiting && waiting.length > 0) {
      this.#logger?.warn("settings have new values that take effect at the next start", {
        settings: waiting,
        revision,
      });
    }
    this.#waiting = names;
  }

  rejected(revision: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#rejected = { revision, why };
    this.#failures?.add();
    this.#judge();
    this.#logger?.error("the new settings are not in force; those before stay", { revision, why });
  }

  unreachable(key: string, error: RpcError): void {
    if (!this.#unreachable.has(key)) {
      this.#logger?.warn("the configuration cannot be read; the last good settings stay", { key, why: error.message });
    }
    this.#unreachable.set(key, error.message);
    this.#judge();
  }

  reached(key: string): void {
    if (this.#unreachable.delete(key)) this.#logger?.info("the configuration can be read again", { key });
    this.#judge();
  }

  close(): void {
    this.#ageing();
  }

  #judge(): void {
    const good = this.#rejected === undefined && this.#unreachable.size === 0;
    if (good) this.#badSince = undefined;
    else this.#badSince ??= this.#clock.monotonic();
    this.#show();
  }

  #show(): void {
    this.#ageing();
    this.#age?.set(this.status.ageSeconds);
    if (this.#badSince === undefined) return;
    this.#ageing = this.#clock.timer(ageEveryMs, () => this.#show(), { background: true });
  }
}
