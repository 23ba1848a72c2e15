import {
  type Compiled,
  compile,
  type DocumentText,
  LiveSettings,
  peekSection,
  type SettingSections,
  SettingsError,
} from "@sampan/config";
import type { Clock } from "@sampan/core";
import type { ConfigVersion } from "@sampan/core/ports";
import { reasonOf } from "../errors.js";
import type { ProcessSettings } from "../process-settings.js";
import type { ServiceModule } from "../service.js";
import { type ServiceSettings, type SettingsOptions, serviceSettingsOf, settingsSources } from "../service-settings.js";
import { settingSections } from "../setting-sections.js";
import { addressOf, type Note, openCentre, traitsOf } from "./centre.js";
import type { ConfigSettings } from "./config-settings.js";
import { LastGoodDocuments } from "./last-good.js";
import { ProcessLive } from "./process-live.js";
import { lastGoodNote, startDocuments } from "./start-documents.js";

/** Settings to start with, and what keeps the live ones up to date. */
export interface LoadedSettings {
  readonly settings: ServiceSettings;
  readonly live: ProcessLive;
}

/**
 * Reads and checks the settings of services and of what they need, also those that are published at `config.remote`: a
 * document for each service, `<namespace>/<environment>/<service>`, which may speak of the sections of that service, of
 * what it needs, and of the process. Throws `SettingsError` with everything that is wrong, and `START_FAILED` when the
 * published ones cannot be had.
 */
export async function loadSettings(
  services: readonly ServiceModule[],
  options: SettingsOptions | undefined,
  { clock, worker }: { readonly clock: Clock; readonly worker?: number | undefined },
): Promise<LoadedSettings> {
  const sections = settingSections(services);
  const sources = settingsSources(options);
  const all = [...sources.above, ...sources.below];
  // Undefined when something is wrong in it: compiling says what, together with everything else.
  const config = peekSection(sections, "config", all) as ConfigSettings | undefined;
  const own = peekSection(sections, "process", all) as ProcessSettings | undefined;
  const data = own?.data;
  const address = config === undefined || data === undefined ? undefined : addressOf(config, sources.environment);
  const compileOptions = { sections, ...sources, traits: traitsOf(own ?? {}, worker) };

  const notes: Note[] = [];
  let documents: ReadonlyMap<string, ConfigVersion> = new Map();
  const sectionsOf = new Map<string, ReadonlySet<string>>();
  const lastGood = new LastGoodDocuments(data ?? "");
  if (address !== undefined && config !== undefined) {
    for (const module of services) {
      sectionsOf.set(`${address.prefix}/${module.name}`, new Set(Object.keys(settingSections([module]))));
    }
    const store = await openCentre(address, config, clock);
    const keys = [...sectionsOf.keys()];
    try {
      const start = await startDocuments({ store, keys, settings: config, lastGood, clock });
      documents = start.documents;
      notes.push(...start.notes);
    } finally {
      await store.close();
    }
  }
  const read = (versions: ReadonlyMap<string, ConfigVersion>): Compiled =>
    compile(compileOptions, textsOf(versions, sectionsOf));
  const start = firstGood(read, documents, lastGood, clock);
  notes.push(...start.notes);
  const live = new ProcessLive({
    live: new LiveSettings(sections as SettingSections, start.compiled),
    compile: read,
    documents: start.documents,
    files: all.flatMap(({ files }) => files ?? []),
    centre: address === undefined || config === undefined ? undefined : { address, config },
    lastGood,
    clock,
    notes,
  });
  return { settings: serviceSettingsOf(start.compiled), live };
}

/** A document that was published wrong must not keep a process from starting that would go on with its last good one. */
function firstGood(
  read: (documents: ReadonlyMap<string, ConfigVersion>) => Compiled,
  documents: ReadonlyMap<string, ConfigVersion>,
  lastGood: LastGoodDocuments,
  clock: Clock,
): {
  readonly compiled: Compiled;
  readonly documents: ReadonlyMap<string, ConfigVersion>;
  readonly notes: readonly Note[];
} {
  try {
    return { compiled: read(documents), documents, notes: [] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const notes: Note[] = [];
    const earlier = new Map(documents);
    for (const [key, { revision }] of documents) {
      const held = lastGood.read(key);
      if (held === undefined || held.version.revision === revision) continue;
      earlier.set(key, held.version);
      notes.push({ ...lastGoodNote(key, held, reasonOf(error), clock), level: "error" });
    }
    if (notes.length === 0) throw error;
    try {
      return { compiled: read(earlier), documents: earlier, notes };
    } catch {
      // What is wrong with the newest is what there is to put right.
      throw error;
    }
  }
}

function textsOf(
  versions: ReadonlyMap<string, ConfigVersion>,
  sectionsOf: ReadonlyMap<string, ReadonlySet<string>>,
): readonly DocumentText[] {
  return [...versions].map(([name, { text }]) => ({ name, text, sections: sectionsOf.get(name) ?? new Set() }));
}
