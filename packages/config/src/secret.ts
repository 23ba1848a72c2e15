import { inspect } from "node:util";

/** What is shown in the place of a secret. */
export const mask = "***";

/**
 * A secret value. It shows itself as `***` wherever it is printed, logged, inspected or serialized by accident;
 * only `reveal()` gives it out.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  static {
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => mask });
  }
}
