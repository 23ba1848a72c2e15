import type { Layout, Slot } from "../layout.js";
import { nearest } from "../nearest.js";
import { printable, type SettingsProblem, unknownName } from "../settings-error.js";
import type { Found, SettingsSource } from "./source.js";

/**
 * Command line flags: `--order.payment-window 5m`, `--order.payment-window=5m`, and for a boolean also `--order.strict`
 * and `--no-order.strict`. Everything in `argv` must be a setting: a command with flags of its own takes them out first.
 */
export function flagsSource(argv: readonly string[]): SettingsSource {
  return {
    plainSecrets: false,
    read(layout) {
      const found: Found[] = [];
      const problems: SettingsProblem[] = [];
      const seen = new Set<Slot>();
      for (let i = 0; i < argv.length; i++) {
        const argument = argv[i] as string;
        const parsed = parse(argument, argv[i + 1], layout);
        if ("problem" in parsed) {
          problems.push(parsed.problem);
          // The value of an unknown flag would otherwise be a second problem.
          if (argument.startsWith("--") && !argument.includes("=") && argv[i + 1]?.startsWith("--") === false) i++;
          continue;
        }
        const { slot, raw, took, flag } = parsed;
        if (took) i++;
        const from = `flag ${flag}`;
        if (seen.has(slot))
          problems.push({ setting: slot.named.name, source: from, problem: "is given twice", fix: "give it once" });
        seen.add(slot);
        found.push({ slot, raw, form: "text", from });
      }
      return { found, problems };
    },
  };
}

type Parsed =
  | { readonly slot: Slot; readonly raw: string; readonly flag: string; readonly took: boolean }
  | { readonly problem: SettingsProblem };

function parse(argument: string, next: string | undefined, layout: Layout): Parsed {
  if (!argument.startsWith("--")) {
    const fix = "a setting is given as --section.name value";
    return {
      problem: { setting: "", source: "command line", value: printable(argument), problem: "is not a flag", fix },
    };
  }
  const equals = argument.indexOf("=");
  const flag = equals === -1 ? argument : argument.slice(0, equals);
  const value = equals === -1 ? undefined : argument.slice(equals + 1);
  const slot = layout.byFlag.get(flag);
  if (slot !== undefined) {
    if (value !== undefined) return { slot, raw: value, flag, took: false };
    if (isSwitch(slot)) {
      const took = next === "true" || next === "false";
      return { slot, raw: took ? next : "true", flag, took };
    }
    if (next !== undefined && !next.startsWith("--")) return { slot, raw: next, flag, took: true };
    return {
      problem: {
        setting: slot.named.name,
        source: `flag ${flag}`,
        problem: "has no value",
        fix: `give ${slot.named.setting.accepts}`,
      },
    };
  }
  const denied = flag.startsWith("--no-") ? layout.byFlag.get(`--${flag.slice("--no-".length)}`) : undefined;
  if (denied !== undefined && isSwitch(denied) && value === undefined)
    return { slot: denied, raw: "false", flag, took: false };
  return { problem: unknownName(flag, "command line", nearest(flag, layout.byFlag.keys())) };
}

function isSwitch(slot: Slot): boolean {
  return slot.named.setting.kind === "boolean";
}
