import type { Method } from "@sampan/core";
import type { FieldSpec } from "./rules/section.js";

/** Classes of importance, the most important first. Under pressure the last are refused first. */
export const priorities = ["critical", "high", "normal", "low"] as const;

export type Priority = (typeof priorities)[number];

export interface PriorityPolicy {
  /** Of all methods that are not named. */
  readonly priority: Priority;
  /** By `Method` or `package.Service/Method`. */
  readonly priorities: Readonly<Record<string, Priority>>;
}

/** The fields of a section that ranks calls. */
export const priorityFields: Readonly<Record<"priority" | "priorities", FieldSpec>> = {
  priority: { kind: "choice", doc: "How important the calls are.", of: priorities, default: "normal" },
  priorities: {
    kind: "map",
    doc: "Methods of another importance, by Method or package.Service/Method.",
    values: { kind: "choice", doc: "Its importance.", of: priorities },
    default: {},
    maxItems: 1000,
  },
};

/** 0 is the most important. */
export function rankOf(policy: PriorityPolicy, method: Method): number {
  const { priorities: named, priority } = policy;
  return priorities.indexOf(named[`${method.service}/${method.name}`] ?? named[method.name] ?? priority);
}
