import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { CancelTimer, Clock, RpcError } from "@sampan/core";
import type { ConfigSource, ConfigVersion, ConfigWatch, Logger, Meter } from "@sampan/core/ports";
import type { SettingSections } from "../settings.js";
import type { Compiled } from "./compile.js";
import { FollowReport, type FollowStatus } from "./follow-report.js";
import type { LiveSettings } from "./live-settings.js";

export interface FollowOptions<G extends SettingSections> {
  readonly live: LiveSettings<G>;
  /** Reads everything anew, with these documents. Throws what is wrong. */
  readonly compile: (documents: ReadonlyMap<string, ConfigVersion>) => Compiled<G>;
  /** The documents that the settings in force were read with, by key. */
  readonly documents: ReadonlyMap<string, ConfigVersion>;
  /** Undefined: only files are followed. */
  readonly source: ConfigSource | undefined;
  /** Files that may change. */
  readonly files: readonly string[];
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
  /** How long nothing may change before it is read, so that changes that belong together are one. Default 100 ms. */
  readonly settleMs?: number;
  /** How often files are looked at. Default 500 ms. */
  readonly pollMs?: number;
  /** A document that is in force now. Must not throw. */
  readonly onAccepted?: (key: string, version: ConfigVersion) => void;
}

/** Changes that never come to rest are read all the same, after so many settling times. */
const patience = 5;

/**
 * Keeps live settings at what files and a centre say. Everything is read and checked as a whole; when something is wrong,
 * when a listener refuses it, and when the centre cannot be asked, the settings in force stay.
 */
export class SettingsFollower<G extends SettingSections = SettingSections> {
  readonly #options: FollowOptions<G>;
  readonly #report: FollowReport;
  readonly #documents: Map<string, ConfigVersion>;
  readonly #watches: ConfigWatch[] = [];
  #settling: CancelTimer | undefined;
  #changes = 0;
  #polling: CancelTimer = () => {};
  #files: string;
  /** What was read last, whether it was good or not: it is not read again. */
  #seen: string;
  #closed = false;

  constructor(options: FollowOptions<G>) {
    this.#options = options;
    this.#documents = new Map(options.documents);
    this.#report = new FollowReport(options);
    this.#files = stateOf(options.files);
    this.#seen = this.#fingerprint();
    for (const key of options.documents.keys()) this.#watch(key);
    if (options.files.length > 0) this.#poll();
  }

  get status(): FollowStatus {
    return this.#report.status;
  }

  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    this.#settling?.();
    this.#polling();
    this.#report.close();
  }

  #watch(key: string): void {
    const watch = this.#options.source?.watch(key, (event) => {
      if (this.#closed) return;
      if ("error" in event) this.#report.unreachable(key, event.error as RpcError);
      else {
        this.#report.reached(key);
        this.#documents.set(key, event);
        this.#changed();
      }
    });
    if (watch !== undefined) this.#watches.push(watch);
  }

  #poll(): void {
    const { clock, files, pollMs = 500 } = this.#options;
    const look = (): void => {
      const state = stateOf(files);
      if (state !== this.#files) {
        this.#files = state;
        this.#changed();
      }
      this.#poll();
    };
    this.#polling = clock.timer(pollMs, look, { background: true });
  }

  #changed(): void {
    if (this.#settling !== undefined && ++this.#changes >= patience) return;
    this.#settling?.();
    const read = (): void => {
      this.#settling = undefined;
      this.#changes = 0;
      this.#read();
    };
    this.#settling = this.#options.clock.timer(this.#options.settleMs ?? 100, read, { background: true });
  }

  #read(): void {
    const fingerprint = this.#fingerprint();
    if (this.#closed || fingerprint === this.#seen) return;
    this.#seen = fingerprint;
    const revision = [...this.#documents.values()]
      .map((each) => each.revision)
      .join(" ")
      .trim();
    try {
      const swap = this.#options.live.swap(this.#options.compile(this.#documents));
      this.#report.accepted(revision, swap);
    } catch (error) {
      this.#report.rejected(revision, error);
      return;
    }
    for (const [key, version] of this.#documents) this.#options.onAccepted?.(key, version);
  }

  #fingerprint(): string {
    const hash = createHash("sha256").update(this.#files);
    for (const [key, { text, revision }] of this.#documents) hash.update(JSON.stringify([key, revision, text ?? null]));
    return hash.digest("hex");
  }
}

/** Changes when a file does. A link that points elsewhere, as ConfigMaps have it, is another file. */
function stateOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? "-" : `${stat.ino}/${stat.mtimeMs}/${stat.size}`;
    })
    .join(" ");
}
