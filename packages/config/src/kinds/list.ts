import { makeSetting, type Reading, type Setting, type SettingOptions } from "../setting.js";

export interface ListOptions extends SettingOptions<readonly unknown[]> {
  /** Default 0. */
  readonly minItems?: number;
  /** Default 1000. */
  readonly maxItems?: number;
}

/** Several values of a kind: `a,b,c` in a flag or a variable, a list in a file. Throws `TypeError` for secrets. */
export function list<T>(item: Setting<T>, options: ListOptions = {}): Setting<readonly T[]> {
  if (item.secret) throw new TypeError("a list of secrets cannot be a setting: give each its own name");
  const { minItems = 0, maxItems = 1000 } = options;
  return makeSetting<readonly T[], readonly unknown[]>(
    {
      kind: "list",
      accepts: `a list (separated by commas) of ${item.accepts}`,
      show: (values) => `[${values.map((value) => item.show(value)).join(", ")}]`,
      conceal: (text) => text.split(",").map(item.conceal).join(","),
      read(raw, form): Reading<readonly T[]> {
        const parts = typeof raw === "string" ? split(raw) : raw;
        if (!Array.isArray(parts)) return { problem: "is not a list" };
        if (parts.length < minItems) return { problem: `has fewer than ${minItems} items` };
        if (parts.length > maxItems) return { problem: `has more than ${maxItems} items` };
        const values: T[] = [];
        for (const [index, part] of parts.entries()) {
          const reading = item.read(part, form);
          if ("problem" in reading) return { problem: `has an item ${index + 1} that ${reading.problem}` };
          values.push(reading.value);
        }
        return { value: Object.freeze(values) };
      },
    },
    options,
  );
}

function split(text: string): string[] {
  return text.trim() === "" ? [] : text.split(",").map((part) => part.trim());
}
