import { layoutOf, type Named } from "./layout.js";
import { mask } from "./secret.js";
import type { SettingSections } from "./settings.js";

/** A value and where it comes from. */
export interface ExplainedSetting {
  /** `order.paymentWindow` */
  readonly setting: string;
  /** As a person would write it, secrets masked. */
  readonly value: string;
  /** `flag --order.payment-window`, `default`, … */
  readonly source: string;
  /** Lower sources that have a value for it too, the highest first. */
  readonly overrides: readonly string[];
  /** Whether a new value takes effect while the process runs. */
  readonly live: boolean;
  readonly doc: string;
}

/** A setting as a manual lists it. */
export interface DescribedSetting {
  readonly setting: string;
  readonly flag: string;
  readonly variable: string;
  readonly kind: string;
  readonly accepts: string;
  /** As a person would write it; undefined when some source must have a value. */
  readonly default: string | undefined;
  readonly live: boolean;
  readonly doc: string;
}

export function explained(
  named: Named,
  value: unknown,
  source: string,
  overrides: readonly string[],
): ExplainedSetting {
  const { setting } = named;
  const shown = setting.secret && value !== undefined ? mask : setting.show(value);
  return { setting: named.name, value: shown, source, overrides, live: setting.live, doc: setting.doc };
}

/** Every setting of the sections with its names and limits, for `--help` and reference pages. */
export function describeSettings(sections: SettingSections): readonly DescribedSetting[] {
  return layoutOf(sections).all.map(({ name, flag, variable, setting }) => ({
    setting: name,
    flag: setting.secret ? `${flag}-file` : flag,
    variable,
    kind: setting.kind,
    accepts: setting.accepts,
    default: setting.fallback === undefined ? undefined : setting.show(setting.fallback.value),
    live: setting.live,
    doc: setting.doc,
  }));
}
