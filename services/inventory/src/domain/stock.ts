/** So many pieces of one product. */
export interface Line {
  readonly productId: string;
  readonly quantity: bigint;
}

/** Where the pieces of a product are. Their sum only changes when stock is added; none of them is ever negative. */
export interface Level {
  readonly productId: string;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly sold: bigint;
}

export interface Shortage {
  readonly productId: string;
  readonly wanted: bigint;
  readonly available: bigint;
}

/** What a movement does to one product's level. */
export interface Movement {
  readonly productId: string;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly sold: bigint;
}

/** Pieces move between these places; `outside` is where new stock comes from. */
export type Place = "outside" | "available" | "reserved" | "sold";

/** Adds up lines of the same product, in order of the product id, so that everybody changes products in the same order. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const sums = new Map<string, bigint>();
  for (const { productId, quantity } of lines) sums.set(productId, (sums.get(productId) ?? 0n) + quantity);
  return [...sums]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .sort((a, b) => (a.productId < b.productId ? -1 : 1));
}

/** What is missing to reserve merged lines; a product without a level has nothing. */
export function shortages(lines: readonly Line[], levels: ReadonlyMap<string, Level>): Shortage[] {
  return lines
    .map(({ productId, quantity }) => ({
      productId,
      wanted: quantity,
      available: levels.get(productId)?.available ?? 0n,
    }))
    .filter(({ wanted, available }) => wanted > available);
}

/** The movements that take lines from one place to another. */
export function move(lines: readonly Line[], from: Place, to: Place): Movement[] {
  const change = (place: Place, quantity: bigint): bigint =>
    (to === place ? quantity : 0n) - (from === place ? quantity : 0n);
  return lines.map(({ productId, quantity }) => ({
    productId,
    available: change("available", quantity),
    reserved: change("reserved", quantity),
    sold: change("sold", quantity),
  }));
}
