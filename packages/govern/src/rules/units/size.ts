/** Decimal and binary units mean what IEC 80000-13 says: `1MB` is 1,000,000 bytes and `1MiB` is 1,048,576. */
const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};

export const sizePattern: string = "^(\\d{1,12}B?|\\d{1,6}(KB|KiB|MB|MiB|GB|GiB))$";
const whole = new RegExp(sizePattern);

/** Bytes of `512`, `64KiB`, `16MB`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (unitBytes[unit] as number);
}

/** With the largest unit that leaves a whole number, of no more digits than `parseSize` reads. */
export function formatSize(bytes: number): string {
  const fits = (size: number): boolean => bytes > 0 && bytes % size === 0 && bytes / size < 1e6;
  const [unit, size] = Object.entries(unitBytes).reduce((best, each) =>
    fits(each[1]) && each[1] > best[1] ? each : best,
  );
  return `${bytes / size}${unit}`;
}
