import type { Notice } from "./notice.js";
import { type QuietHours, quietUntil } from "./quiet-hours.js";

/** What to do with a notice that is due: `send` it, let it `wait`, or nothing, because it is not waiting. */
export type Beginning = { readonly kind: "send" } | { readonly kind: "wait"; readonly until: number } | undefined;

/** Asked again before each try, so that one which is repeated at night waits as well. */
export function beginning(
  notice: Notice,
  now: number,
  quiet: { readonly urgent: boolean; readonly hours: QuietHours | undefined },
): Beginning {
  if (notice.status !== "waiting") return undefined;
  if (quiet.urgent || quiet.hours === undefined) return { kind: "send" };
  const until = quietUntil(now, quiet.hours);
  return until > now ? { kind: "wait", until } : { kind: "send" };
}
