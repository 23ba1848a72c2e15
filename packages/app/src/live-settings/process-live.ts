import {
  type Compiled,
  type ConfigAddress,
  type ExplainedSetting,
  type FollowStatus,
  type LiveSettings,
  type LiveView,
  SettingsFollower,
} from "@sampan/config";
import type { Clock } from "@sampan/core";
import type { ConfigStore, ConfigVersion, Logger, Meter } from "@sampan/core/ports";
import { type Note, openCentre } from "./centre.js";
import type { ConfigSettings } from "./config-settings.js";
import type { LastGoodDocuments } from "./last-good.js";
import { type RemoteRules, remoteRules } from "./remote-rules.js";

export interface ProcessLiveOptions {
  readonly live: LiveSettings;
  readonly compile: (documents: ReadonlyMap<string, ConfigVersion>) => Compiled;
  readonly documents: ReadonlyMap<string, ConfigVersion>;
  readonly files: readonly string[];
  readonly centre: { readonly address: ConfigAddress; readonly config: ConfigSettings } | undefined;
  readonly lastGood: LastGoodDocuments;
  readonly clock: Clock;
  /** Of the loading, for the log. */
  readonly notes: readonly Note[];
}

type Values = Readonly<Record<string, unknown>>;

/** The live settings of a process: in force from the beginning, followed from `start` to `close`. */
export class ProcessLive {
  readonly #options: ProcessLiveOptions;
  #store: ConfigStore | undefined;
  #follower: SettingsFollower | undefined;

  constructor(options: ProcessLiveOptions) {
    this.#options = options;
  }

  /** Of a section that does not exist: an empty one. */
  view(section: string): LiveView<Values> {
    return this.#options.live.view(section) as LiveView<Values>;
  }

  /** Each value that is in force, or will be from the next start, and where it comes from; secrets masked. */
  explain(tenant?: string): readonly ExplainedSetting[] {
    const { compiled } = this.#options.live;
    return tenant === undefined ? compiled.explain() : compiled.explainFor(tenant);
  }

  get status(): FollowStatus | undefined {
    return this.#follower?.status;
  }

  /** Begins to follow files and the centre. */
  async start({ logger, meter }: { readonly logger: Logger; readonly meter: Meter }): Promise<void> {
    const { live, compile, documents, files, centre, lastGood, clock, notes } = this.#options;
    const log = logger.child({ component: "config" });
    for (const { level, message, fields } of notes) log[level](message, fields);
    if (centre !== undefined) this.#store = await openCentre(centre.address, centre.config, clock);
    const keep = (key: string, version: ConfigVersion): void => {
      const why = lastGood.write(key, version, clock.now());
      if (why !== undefined) log.warn("the last good configuration cannot be kept for a later start", { key, why });
    };
    if (centre !== undefined) for (const [key, version] of documents) keep(key, version);
    const source = this.#store;
    this.#follower = new SettingsFollower({
      live,
      compile,
      documents,
      files,
      source,
      clock,
      logger: log,
      meter,
      onAccepted: keep,
    });
  }

  /** The rules that `govern.rules` names as `config:<name>`; undefined for a file. After `start`. */
  rules(setting: string): RemoteRules | undefined {
    const { centre, lastGood, clock } = this.#options;
    return remoteRules(setting, { centre, store: this.#store, lastGood, clock });
  }

  async close(): Promise<void> {
    this.#follower?.close();
    await this.#store?.close();
  }
}
