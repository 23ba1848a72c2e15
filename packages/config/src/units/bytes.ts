/** Decimal and binary units mean what IEC 80000-13 says: `1MB` is 1,000,000 bytes and `1MiB` is 1,048,576. */
const unitBytes: ReadonlyMap<string, number> = new Map([
  ["TiB", 2 ** 40],
  ["TB", 10 ** 12],
  ["GiB", 2 ** 30],
  ["GB", 10 ** 9],
  ["MiB", 2 ** 20],
  ["MB", 10 ** 6],
  ["KiB", 2 ** 10],
  ["KB", 10 ** 3],
  ["B", 1],
]);
const byLowerCase = new Map([...unitBytes].map(([name, size]) => [name.toLowerCase(), size]));
/** Three decimals at most: more are never wanted, and stay within exact integers. */
const pattern = /^(\d{1,16})(?:\.(\d{1,3}))?([a-z]{1,3})?$/i;

/**
 * Bytes of `512`, `64KB`, `1.5MiB`; case does not matter. Undefined for anything else, for a fraction of a byte, and
 * for more than a safe integer.
 */
export function parseBytes(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", name = "B"] = match;
  const unit = byLowerCase.get(name.toLowerCase());
  if (unit === undefined) return undefined;
  const scale = 10 ** fraction.length;
  const parts = fraction === "" ? 0 : Number(fraction) * unit;
  if (parts % scale !== 0) return undefined;
  const total = Number(whole) * unit + parts / scale;
  return Number.isSafeInteger(total) ? total : undefined;
}

/** With the largest unit that leaves a whole number; `parseBytes` reads it back. For whole bytes from 0. */
export function formatBytes(bytes: number): string {
  if (bytes === 0) return "0";
  for (const [name, size] of unitBytes) {
    if (bytes % size === 0) return `${bytes / size}${name}`;
  }
  return String(bytes);
}
