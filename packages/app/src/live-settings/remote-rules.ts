import type { ConfigAddress } from "@sampan/config";
import type { Clock } from "@sampan/core";
import type { ConfigStore, ConfigVersion } from "@sampan/core/ports";
import {
  type FollowOptions,
  followSource,
  type Governor,
  type RuleSource,
  requireRules,
  withBase,
} from "@sampan/govern";
import { AppErrors } from "../errors.js";
import { firstVersion } from "./centre.js";
import type { ConfigSettings } from "./config-settings.js";
import type { LastGoodDocuments } from "./last-good.js";

/** What `govern.rules` begins with when it names a document of the centre: `config:rules`. */
const scheme = "config:";

/** Traffic rules that are published like settings. */
export interface RemoteRules {
  /**
   * Puts the rules in force and follows them from then on; without a document there are none. Starts with the last good
   * ones when the centre is away, or has wrong ones. Throws when there are none to start with. Gives what ends it.
   */
  follow(governor: Governor, options: FollowOptions): Promise<() => void>;
}

export interface RemoteRulesOptions {
  readonly centre: { readonly address: ConfigAddress; readonly config: ConfigSettings } | undefined;
  readonly store: ConfigStore | undefined;
  readonly lastGood: LastGoodDocuments;
  readonly clock: Clock;
}

/** Undefined when the setting names a file. Throws `START_FAILED` when there is no centre. */
export function remoteRules(setting: string, options: RemoteRulesOptions): RemoteRules | undefined {
  if (!setting.startsWith(scheme)) return undefined;
  const { centre, store, lastGood, clock } = options;
  if (centre === undefined || store === undefined) {
    const why = `govern.rules is ${setting}, and config.remote is empty`;
    throw AppErrors.START_FAILED({ part: "traffic rules", why });
  }
  const key = `${centre.address.prefix}/${setting.slice(scheme.length)}`;
  const { startTimeout, required } = centre.config;
  return {
    async follow(governor, follow) {
      const load = (version: ConfigVersion): void =>
        governor.load(withBase(requireRules(textOf(version), key, follow), follow.base), version.revision);
      const held = lastGood.read(key)?.version;
      try {
        const first = await firstVersion(store, key, startTimeout, clock);
        load(first);
        lastGood.write(key, first, clock.now());
      } catch (error) {
        if (held !== undefined) load(held);
        else if (required) throw error;
        // As operators see it, whatever is in force: these are not the rules that should be.
        governor.reject(error);
      }
      return followSource(governor, sourceOf(store, key, governor, options), follow);
    },
  };
}

/** A document of the centre as a source of rules; what the governor takes is kept for a later start. */
function sourceOf(
  store: ConfigStore,
  key: string,
  governor: Governor,
  { lastGood, clock }: RemoteRulesOptions,
): RuleSource {
  return {
    name: key,
    watch(watcher) {
      const watch = store.watch(key, (event) => {
        if ("error" in event) {
          watcher.failed(event.error);
          return;
        }
        watcher.rules({ text: textOf(event), revision: event.revision });
        if (governor.state().rejected === undefined) lastGood.write(key, event, clock.now());
      });
      return () => watch.close();
    },
  };
}

/** No document: no rules. */
function textOf({ text }: ConfigVersion): string {
  return text ?? "rules: []";
}
