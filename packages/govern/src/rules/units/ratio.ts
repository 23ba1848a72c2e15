export const ratioPattern: string = "^\\d{1,9}(\\.\\d{1,6})?%$";
const whole = new RegExp(ratioPattern);

/** 0.25 of `25%`; undefined for anything else. */
export function parseRatio(text: string): number | undefined {
  // Divided as a decimal, because 7 / 100 * 100 need not be 7.
  return whole.test(text) ? Number(`${text.slice(0, -1)}e-2`) : undefined;
}

export function formatRatio(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))}%`;
}
