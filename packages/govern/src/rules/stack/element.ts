import type { Method } from "@sampan/core";
import type { GuardKind, Side } from "../section.js";

/** A guard's place in the stack. A section may have several, such as the timeout of the call and that of each try. */
export interface StackElement {
  /** Unique in a stack: the section's name, or one of its own where a section has several. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a policy of its own, which its own section produces
  readonly kind: GuardKind<any>;
  /** Why a policy cannot hold for a method, which then goes without; undefined when it can. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly misfit?: (policy: any, method: Method) => string | undefined;
}

/** What guards there are and in which order they stand, outermost first. */
export type Stack = Readonly<Record<Side, readonly StackElement[]>>;
