import { Secret } from "../secret.js";

/** Whether two values of a setting mean the same. Objects of private fields all look alike to a general comparison. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one instanceof Secret && other instanceof Secret) return one.reveal() === other.reveal();
  if (one instanceof URL && other instanceof URL) return one.href === other.href;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameValue(item, other[index]));
  }
  return Object.is(one, other);
}
