import type { Layout } from "../layout.js";
import { nearest } from "../nearest.js";
import { type SettingsProblem, unknownName } from "../settings-error.js";
import type { Found, SourceContents } from "../sources/source.js";
import type { TextProblem } from "./read-text.js";
import { at, plain, type Written } from "./written.js";

/** What a map of sections (`{ order: { paymentWindow: 5m } }`) has for a layout. `name` is the file or the key, for messages. */
export function readSections(document: Written, name: string, layout: Layout): SourceContents {
  const problems: SettingsProblem[] = [];
  const found: Found[] = [];
  // All of it is commented out.
  if (document.kind === "scalar" && document.value === null) return { found, problems };
  if (document.kind !== "map") {
    const fix = 'write sections, such as "order:"';
    return {
      found,
      problems: [
        { setting: "", source: at(name, document.place), problem: "does not hold an object of sections", fix },
      ],
    };
  }
  for (const [section, { place, value }] of document.entries) {
    const source = at(name, place);
    if (!layout.sections.has(section)) {
      if (!layout.elsewhere.has(section))
        problems.push(unknownName(section, source, nearest(section, layout.sections)));
    } else if (value.kind !== "map") {
      // A section whose settings are all commented out.
      if (value.kind === "scalar" && value.value === null) continue;
      const fix = `write { "${section}": { "name": value } }`;
      problems.push({ setting: section, source, problem: "is not an object of settings", fix });
    } else {
      for (const [key, entry] of value.entries) {
        const full = `${section}.${key}`;
        const slot = layout.byName.get(full);
        const from = at(name, entry.place);
        if (slot !== undefined) found.push({ slot, raw: plain(entry.value), form: "data", from });
        else problems.push(unknownName(full, from, nearest(full, layout.byName.keys())));
      }
    }
  }
  return { found, problems };
}

/** Problems of a text as those of settings. */
export function textProblems(problems: readonly TextProblem[], name: string): SettingsProblem[] {
  return problems.map(({ place, problem, fix }) => ({ setting: "", source: at(name, place), problem, fix }));
}
