/** A phone number, digits only. */
export interface Phone {
  readonly number: string;
  readonly countryCode: string;
}

/**
 * For eyes that need not see all of it: `138****5678`. At most seven digits stay, at most half of them, and never one of
 * a number that has less than five.
 */
export function maskPhone(number: string): string {
  if (number === "") return "";
  const shown = number.length < 5 ? 0 : Math.min(7, Math.floor(number.length / 2) + 2, number.length - 3);
  const tail = Math.min(4, Math.ceil(shown / 2));
  const head = shown - tail;
  return `${number.slice(0, head)}****${shown === 0 ? "" : number.slice(number.length - tail)}`;
}
