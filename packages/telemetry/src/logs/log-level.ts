/** From the least to the most important. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof logLevels)[number];

/** Lines below the rank of a logger's level are not written. */
export function rankOf(level: LogLevel): number {
  return logLevels.indexOf(level);
}
