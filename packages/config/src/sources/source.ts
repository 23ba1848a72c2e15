import type { Layout, Slot } from "../layout.js";
import type { RawForm } from "../setting.js";
import type { SettingsProblem } from "../settings-error.js";

/** A value that a source has for a setting, not yet understood. */
export interface Found {
  readonly slot: Slot;
  readonly raw: unknown;
  readonly form: RawForm;
  /** Where exactly: `flag --order.max-lines`, `config/default.yaml:3:5`. */
  readonly from: string;
}

export interface SourceContents {
  readonly found: readonly Found[];
  /** Names that no setting has, a file that cannot be read, and the like. */
  readonly problems: readonly SettingsProblem[];
}

/**
 * One place that settings come from. `read` gives what the source holds at the moment, synchronously, so that one
 * reading sees one state of the world; a source that must wait (a remote one) loads first and reads what it has loaded.
 * It never throws for what people wrote: that goes into `problems`.
 */
export interface SettingsSource {
  /** Whether a secret may stand here as it is, and not only the name of the file that holds it. */
  readonly plainSecrets: boolean;
  /** Files that it reads, whether they exist or not: when one changes, another reading may give something else. */
  readonly files?: readonly string[];
  read(layout: Layout): SourceContents;
}
