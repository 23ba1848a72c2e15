import type { MeasuredCases } from "../measured-case.js";
import { MeasuredStack } from "../measured-stack.js";
import { type StackCase, stackCases } from "../stacks.js";

/** Ours, for the program `rounds`. */
export const cases: MeasuredCases = Object.fromEntries(
  stackCases.map((stack) => [
    stack.name,
    async () => {
      if (stack.crowded === true) await useOthers(stack);
      return MeasuredStack.of(stack);
    },
  ]),
);

const calls = 5000;

/** What one rule alone has compiled for it is then compiled for many kinds of handlers. */
async function useOthers(stack: StackCase): Promise<void> {
  for (const other of stackCases) {
    if (other === stack || other.batched === true) continue;
    const measured = await MeasuredStack.of(other);
    for (let i = 0; i < calls; i++) await measured.call().catch(() => {});
  }
}
