import type { Handler, Method } from "@sampan/core";
import { attributeKey } from "../matching/attribute-key.js";
import { attributesOf, type CallAttributes } from "../matching/attributes.js";
import { type Candidate, type Choice, choose } from "../matching/choose.js";
import type { CompiledRule } from "../matching/compiled-rule.js";
import type { Side } from "../section.js";
import type { StackElement } from "./element.js";
import type { GuardStore } from "./guard-store.js";
import { ownAttempt } from "./own-attempt.js";

export interface SlotOptions {
  readonly method: Method;
  readonly side: Side;
  readonly next: Handler;
  readonly elements: readonly StackElement[];
  readonly guards: GuardStore;
  /** Handlers that are kept for calls with different attributes. */
  readonly maxKeys: number;
}

/** No call: for methods for which rules look at nothing but the method. */
const anyCall: CallAttributes = { tenant: "", caller: "", release: "", label: () => undefined };

/** One method inside a governing layer: the guards that the rules in force put around its handler. */
export class MethodSlot {
  /** Replaced as a whole when rules change; a call keeps the one that it began with. */
  handler: Handler;
  /** Whether the rules leave this method as it is. */
  untouched = true;
  readonly options: SlotOptions;

  constructor(options: SlotOptions) {
    this.options = options;
    this.handler = options.next;
  }

  /** The handler that rules ask for. Makes guards, and changes nothing else. */
  prepare(rules: readonly CompiledRule[]): { readonly handler: Handler; readonly untouched: boolean } {
    const { method, next } = this.options;
    const candidates = rules.filter((rule) => rule.matchesMethod(method.service, method.name));
    const onThisSide = candidates.some(({ rule }) => [...rule.sections.values()].some((each) => this.#concerns(each)));
    if (!onThisSide) return { handler: next, untouched: true };
    if (!candidates.some(({ looksAtCalls }) => looksAtCalls)) {
      return { handler: this.#compose(choose(candidates, method.service, method.name, anyCall)), untouched: false };
    }
    return { handler: this.#picking(candidates), untouched: false };
  }

  #concerns({ name, side, policy }: Candidate["section"]): boolean {
    if (side !== this.options.side) return false;
    const { kind } = this.options.elements.find((element) => element.kind.section.name === name) ?? {};
    return kind !== undefined && kind.section.perService?.(policy) !== true;
  }

  /** Hot path: one lookup for a call whose attributes were seen before (bench `govern`). */
  #picking(candidates: readonly CompiledRule[]): Handler {
    const { method, maxKeys } = this.options;
    const keyOf = attributeKey(candidates);
    const byKey = new Map<string, Handler>();
    // Many keys come to few choices: what strangers put into a label costs a match, but makes no handler.
    const byChoice = new Map<string, Handler>();
    const find = (key: string, call: Parameters<Handler>[1]): Handler => {
      const choices = choose(candidates, method.service, method.name, attributesOf(call));
      const signature = signatureOf(choices);
      let handler = byChoice.get(signature);
      if (handler === undefined) {
        handler = this.#compose(choices);
        if (byChoice.size >= maxKeys) byChoice.clear();
        byChoice.set(signature, handler);
      }
      if (byKey.size >= maxKeys) byKey.clear();
      byKey.set(key, handler);
      return handler;
    };
    return (request, call) => {
      const key = keyOf(call);
      return (byKey.get(key) ?? find(key, call))(request, call);
    };
  }

  #compose(choices: ReadonlyMap<string, Choice>): Handler {
    const { elements, next } = this.options;
    return elements.reduceRight((handler, element) => {
      const choice = choices.get(element.kind.section.name);
      if (choice === undefined) return handler;
      const enforced = this.#wrap(element, choice.enforced, this.#inside(element, choice.enforced, handler));
      // The shadow stands outside: it sees the calls that the enforced one is about to decide.
      return this.#wrap(element, choice.shadow, enforced);
    }, next);
  }

  #inside(element: StackElement, candidate: Candidate | undefined, handler: Handler): Handler {
    const { next, method } = this.options;
    const alone = candidate === undefined || handler === next;
    return element.answersFailures !== true || alone || method.kind !== "unary" ? handler : ownAttempt(handler);
  }

  #wrap(element: StackElement, candidate: Candidate | undefined, next: Handler): Handler {
    const { method, side, guards } = this.options;
    if (candidate === undefined || candidate.section.side !== side) return next;
    if (element.kind.section.perService?.(candidate.section.policy) === true) return next;
    if (element.misfit?.(candidate.section.policy, method) !== undefined) return next;
    return guards.guard(element, candidate, { service: method.service, method }).wrap(next, method);
  }
}

function signatureOf(choices: ReadonlyMap<string, Choice>): string {
  let signature = "";
  for (const { section, enforced, shadow } of choices.values()) {
    signature += `${section} ${enforced?.rule.position ?? "-"} ${shadow?.rule.position ?? "-"}\n`;
  }
  return signature;
}
