import type { Money } from "@sampan/core";
import { CatalogErrors } from "./errors.js";

export interface Product {
  readonly productId: string;
  readonly title: string;
  readonly price: Money;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** Throws `INVALID_PRICE` for a price that nobody could pay. */
export function priced(productId: string, price: Money): Money {
  if (price.amount <= 0n) throw CatalogErrors.INVALID_PRICE({ product: productId, amount: String(price.amount) });
  return price;
}

/** Whether creating `wanted` over `existing` would change nothing. Throws `PRODUCT_EXISTS` when it would. */
export function sameProduct(existing: Product, wanted: Product): true {
  const same =
    existing.title === wanted.title &&
    existing.price.amount === wanted.price.amount &&
    existing.price.currency === wanted.price.currency;
  if (!same) throw CatalogErrors.PRODUCT_EXISTS({ product: wanted.productId });
  return true;
}
