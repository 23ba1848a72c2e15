import { collect } from "../collect.js";
import type { DocumentLimits } from "../document/limits.js";
import { readSections } from "../document/read-sections.js";
import type { Written } from "../document/written.js";
import { type Layout, layoutOf } from "../layout.js";
import { readLayout, type SettingsResult } from "../read-settings.js";
import type { SettingSections, SettingsValues } from "../settings.js";
import type { SettingsProblem } from "../settings-error.js";
import type { SettingsSource } from "../sources/source.js";
import { type RemoteDocument, readRemoteDocument } from "./remote-document.js";
import { type InstanceTraits, reachesInstance, reachesTenant } from "./target.js";
import { TenantValues } from "./tenant-values.js";

/** A document as a centre gave it. */
export interface DocumentText {
  /** Its key, for messages. */
  readonly name: string;
  readonly text: string | undefined;
  /** Sections that it may speak of: those of its service. */
  readonly sections: ReadonlySet<string>;
}

/** What settings are read from, beside the documents. */
export interface CompileOptions<G extends SettingSections> {
  readonly sections: G;
  /** Above the documents, the highest first. */
  readonly above: readonly SettingsSource[];
  /** Below the documents. */
  readonly below: readonly SettingsSource[];
  readonly elsewhere?: Iterable<string>;
  readonly traits: InstanceTraits;
  readonly limits?: DocumentLimits;
}

/** Settings that are all right, for the process and for each tenant. */
export interface Compiled<G extends SettingSections = SettingSections> extends SettingsResult<G> {
  /** Those of a tenant; the same object as `values` when nothing is different for it. */
  for(tenant: string): SettingsValues<G>;
  /** The same settings as they are for a tenant, with their sources. */
  explainFor(tenant: string): ReturnType<SettingsResult<G>["explain"]>;
  /** Tells one way in which tenants differ from another. */
  readonly tenantRules: string;
}

/**
 * Reads and checks everything: sources, documents, and in these also what is for other processes and tenants, so that a
 * wrong value is found where it is published first. Of several documents the earlier stand above the later. Throws one
 * `SettingsError` with everything that is wrong.
 */
export function compile<const G extends SettingSections>(
  options: CompileOptions<G>,
  texts: readonly DocumentText[],
): Compiled<G> {
  const layout = layoutOf(options.sections, options.elsewhere);
  const problems: SettingsProblem[] = [];
  const documents = texts.map(({ name, text, sections }) => {
    const { document, problems: shape } = readRemoteDocument(text, name, options.limits);
    problems.push(...shape);
    return new PlacedDocument(document, sections, options.traits);
  });
  for (const document of documents) problems.push(...document.problems(layout));
  const above = options.above.map((source) => held(source, layout));
  const below = options.below.map((source) => held(source, layout));
  const read = (tenant: string | undefined, found: readonly SettingsProblem[] = []): SettingsResult<G> =>
    readLayout<G>(layout, [...above, ...documents.flatMap((each) => each.sources(tenant)), ...below], found);
  const base = read(undefined, problems);
  const ruleOf = (tenant: string): string => documents.map((each) => each.rule(tenant)).join("|");
  const tenants = new TenantValues(base.values, ruleOf, (tenant) => read(tenant).values);
  return {
    ...base,
    for: (tenant) => tenants.of(tenant),
    explainFor: (tenant) => read(tenant).explain(),
    tenantRules: JSON.stringify(texts.map(({ text }, index) => (documents[index]?.aboutTenants ? text : ""))),
  };
}

/** A document with whom it speaks to. */
class PlacedDocument {
  readonly #document: RemoteDocument;
  readonly #sections: ReadonlySet<string>;
  readonly #here: RemoteDocument["rollouts"];
  /** Of rollouts for tenants, those that reach this process. */
  readonly #tenantRollouts: RemoteDocument["rollouts"];

  constructor(document: RemoteDocument, sections: ReadonlySet<string>, traits: InstanceTraits) {
    this.#document = document;
    this.#sections = sections;
    const reaching = document.rollouts.filter(({ name, to }) => reachesInstance(name, to, traits));
    this.#here = reaching.filter(({ to }) => to.tenants === undefined);
    this.#tenantRollouts = reaching.filter(({ to }) => to.tenants !== undefined);
  }

  get aboutTenants(): boolean {
    return this.#document.tenants.size > 0 || this.#tenantRollouts.length > 0;
  }

  /** Of each block, whomever it is for. */
  problems(layout: Layout): readonly SettingsProblem[] {
    const { settings, tenants, rollouts } = this.#document;
    const problems: SettingsProblem[] = [];
    const check = (written: Written | undefined, onlyLive: boolean): void => {
      if (written === undefined) return;
      const source = this.#source(written);
      const found: SettingsProblem[] = [];
      collect(layout, [source], found);
      if (onlyLive) found.push(...notLive(source, layout));
      problems.push(...found);
    };
    // What is in force here is read with the other sources, and would otherwise be listed twice.
    const inForce = new Set([settings, ...this.#here.map((each) => each.settings)]);
    for (const rollout of rollouts) {
      if (!inForce.has(rollout.settings)) check(rollout.settings, rollout.to.tenants !== undefined);
    }
    for (const written of tenants.values()) check(written, true);
    return problems;
  }

  /** The highest first. */
  sources(tenant: string | undefined): SettingsSource[] {
    const { settings, tenants } = this.#document;
    const blocks = this.#here.map((rollout) => rollout.settings);
    if (settings !== undefined) blocks.push(settings);
    if (tenant !== undefined) {
      const own = tenants.get(tenant);
      if (own !== undefined) blocks.unshift(own);
      const rolled = this.#tenantRollouts.filter(({ name, to }) => reachesTenant(name, to, tenant));
      blocks.unshift(...rolled.map((rollout) => rollout.settings));
    }
    return blocks.map((written) => this.#source(written));
  }

  /** The same for tenants that everything is the same for; empty for one that nothing is different for. */
  rule(tenant: string): string {
    if (!this.aboutTenants) return "";
    const rolled = this.#tenantRollouts.filter(({ name, to }) => reachesTenant(name, to, tenant));
    const own = this.#document.tenants.has(tenant) ? tenant : "";
    return own === "" && rolled.length === 0 ? "" : `${own}>${rolled.map(({ name }) => name).join(",")}`;
  }

  #source(written: Written): SettingsSource {
    const name = this.#document.name;
    return {
      plainSecrets: false,
      read: (layout) => readSections(written, name, { ...layout, sections: this.#sections, elsewhere: new Set() }),
    };
  }
}

/** A service reads the settings that may differ between tenants in each call: the others it has read at its start. */
function notLive(source: SettingsSource, layout: Layout): SettingsProblem[] {
  const fix = "give it to all tenants, or declare it live: true and read it in each call";
  return source
    .read(layout)
    .found.filter(({ slot }) => !slot.named.setting.live)
    .map(({ slot, from }) => ({
      setting: slot.named.name,
      source: from,
      problem: "cannot differ between tenants: it is read at the start",
      fix,
    }));
}

/** Read once, so that one compilation sees one state of the world. */
function held(source: SettingsSource, layout: Layout): SettingsSource {
  const contents = source.read(layout);
  return { ...source, read: () => contents };
}
