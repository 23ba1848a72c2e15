import type { Method } from "@sampan/core";
import type { Enforcement, Guard, GuardContext } from "../../guard.js";
import type { GuardKind, Side } from "../section.js";

/** A guard's place in the stack. A section may have several, such as the timeout of the call and that of each try. */
export interface StackElement {
  /** Unique in a stack: the section's name, or one of its own where a section has several. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a policy of its own, which its own section produces
  readonly kind: GuardKind<any>;
  /** It answers instead of failures of unary calls, so that guards inside need an attempt of their own to see them. */
  readonly answersFailures?: boolean;
  /** Why a policy cannot hold for a method, which then goes without; undefined when it can. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly misfit?: (policy: any, method: Method) => string | undefined;
  /** Why this process cannot enforce a policy at all; a rule set that asks it to is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly unsupported?: (policy: any) => string | undefined;
  /** How it is made in a rule that has another section as well, whose guard it shares something with. */
  readonly beside?: Beside;
}

export interface Beside {
  /** The element of the other section. */
  readonly element: StackElement;
  readonly make: (
    // biome-ignore lint/suspicious/noExplicitAny: as above
    policy: any,
    enforcement: Enforcement,
    context: GuardContext,
    other: Guard<unknown>,
  ) => Guard<unknown>;
}

/** What guards there are and in which order they stand, outermost first. */
export interface Stack extends Readonly<Record<Side, readonly StackElement[]>> {
  /** What balancers ask; the order is of no account. */
  readonly endpoints?: readonly StackElement[];
}
