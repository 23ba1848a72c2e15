import type { Clock } from "@sampan/core";
import type { ConfigStore, ConfigVersion } from "@sampan/core/ports";
import { AppErrors, reasonOf } from "../errors.js";
import { firstVersion, type Note } from "./centre.js";
import type { ConfigSettings } from "./config-settings.js";
import type { LastGood, LastGoodDocuments } from "./last-good.js";

/** The documents to start with, by key, and what to log of that. */
export interface StartDocuments {
  readonly documents: Map<string, ConfigVersion>;
  readonly notes: Note[];
}

export interface StartDocumentsOptions {
  readonly store: ConfigStore;
  readonly keys: readonly string[];
  readonly settings: ConfigSettings;
  readonly lastGood: LastGoodDocuments;
  readonly clock: Clock;
}

/** What the centre has, and where it cannot be asked the last good. Throws `START_FAILED` where there is neither. */
export async function startDocuments(options: StartDocumentsOptions): Promise<StartDocuments> {
  const { store, keys, settings, lastGood, clock } = options;
  const documents = new Map<string, ConfigVersion>();
  const notes: Note[] = [];
  const { startTimeout, required } = settings;
  const asked = keys.map((key) => firstVersion(store, key, startTimeout, clock));
  for (const [index, answer] of (await Promise.allSettled(asked)).entries()) {
    const key = keys[index] as string;
    if (answer.status === "fulfilled") {
      documents.set(key, answer.value);
      continue;
    }
    const why = reasonOf(answer.reason);
    const held = lastGood.read(key);
    if (held === undefined && required) {
      throw AppErrors.START_FAILED({ part: "configuration", why }, { cause: answer.reason });
    }
    documents.set(key, held?.version ?? { text: undefined, revision: "" });
    notes.push(held === undefined ? withoutNote(key, why) : lastGoodNote(key, held, why, clock));
  }
  return { documents, notes };
}

export function lastGoodNote(key: string, held: LastGood, why: string, clock: Clock): Note {
  const ageSeconds = Math.max(0, Math.round((clock.now() - held.savedAt) / 1000));
  const fields = { key, revision: held.version.revision, ageSeconds, why };
  return { level: "warn", message: "starting with the last good configuration", fields };
}

function withoutNote(key: string, why: string): Note {
  return { level: "warn", message: "starting without published configuration", fields: { key, why } };
}
