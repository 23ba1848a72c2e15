import { integer } from "../kinds/number.js";
import { secret } from "../kinds/secret.js";
import { text } from "../kinds/text.js";
import { settings } from "../settings.js";
import type { SettingsSource } from "../sources/source.js";
import { type Compiled, compile, type DocumentText } from "./compile.js";
import type { InstanceTraits } from "./target.js";

/** A section with a live setting, one that is not, and a secret. */
const OrderSettings = settings({
  lines: integer({ default: 10, min: 1, max: 100, live: true }),
  note: text({ default: "none", live: true }),
  port: integer({ default: 80, min: 1 }),
  key: secret(),
});

export const sections = { order: OrderSettings };
export const key = "shop/test/order";
const nobody: InstanceTraits = { instance: "a", zone: "", release: "" };

/** What a document and other sources give a process. */
export function compiled(
  text: string | undefined,
  options: {
    traits?: Partial<InstanceTraits>;
    above?: readonly SettingsSource[];
    below?: readonly SettingsSource[];
  } = {},
): Compiled<typeof sections> {
  const document: DocumentText = { name: key, text, sections: new Set(["order"]) };
  const { above = [], below = [], traits } = options;
  return compile({ sections, above, below: [...below, secretSource], traits: { ...nobody, ...traits } }, [document]);
}

/** The required secret, below everything else. */
const secretSource: SettingsSource = {
  plainSecrets: true,
  read(layout) {
    const slot = layout.byName.get("order.key");
    return { found: slot === undefined ? [] : [{ slot, raw: "hush", form: "typed", from: "test" }], problems: [] };
  },
};
