import type { Setting } from "../setting.js";

/** A setting that may be missing: its value is then undefined. In a file `null` says so explicitly. */
export function optional<T>(setting: Setting<T>): Setting<T | undefined> {
  return {
    ...setting,
    fallback: setting.fallback ?? { value: undefined },
    read: (raw, form) => (raw === null && form !== "text" ? { value: undefined } : setting.read(raw, form)),
    show: (value) => (value === undefined ? "(not set)" : setting.show(value)),
  };
}
