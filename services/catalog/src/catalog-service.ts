import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CatalogService } from "@sampan/contracts/catalog/v1/catalog_pb.js";
import type { Call, Clock, Money, Service } from "@sampan/core";
import { implement } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import { CatalogErrors } from "./domain/errors.js";
import { type Product, priced, sameProduct } from "./domain/product.js";

/** Changes of products in one transaction. */
export interface ProductChange {
  find(productIds: readonly string[]): Promise<Product[]>;
  insert(products: readonly Product[]): Promise<void>;
  setPrice(productId: string, price: Money, at: number): Promise<void>;
  /** Whether the key is new. Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request. */
  claim(scope: string, key: string, request: unknown): Promise<boolean>;
}

export interface ProductStore {
  change<T>(call: Call, work: (products: ProductChange) => Promise<T>): Promise<T>;
  find(productIds: readonly string[]): Promise<Product[]>;
  list(limit: number, after: string | undefined): Promise<Product[]>;
}

export interface CatalogDeps {
  readonly store: ProductStore;
  readonly clock: Clock;
}

export function catalogService({ store, clock }: CatalogDeps): Service {
  return implement(CatalogService, {
    async createProducts(request, call) {
      const now = clock.now();
      const wanted = new Map<string, Product>();
      for (const { productId, title, price } of request.products) {
        const product = { productId, title, price: priced(productId, price as Money), updatedAt: now };
        const twice = wanted.get(productId);
        if (twice !== undefined) sameProduct(twice, product);
        wanted.set(productId, product);
      }
      return store.change(call, async (products) => {
        const key = request.idempotencyKey;
        // Done before, and prices may have changed since: the answer is about the request, not about today.
        const isNew = key === "" || (await products.claim("create-products", key, request));
        if (!isNew) return { created: 0, unchanged: wanted.size };
        const existing = await products.find([...wanted.keys()]);
        for (const product of existing) {
          sameProduct(product, wanted.get(product.productId) as Product);
          wanted.delete(product.productId);
        }
        await products.insert([...wanted.values()]);
        return { created: wanted.size, unchanged: existing.length };
      });
    },

    async setPrice({ productId, price }, call) {
      return store.change(call, async (products) => {
        const [product] = await products.find([productId]);
        if (product === undefined) throw CatalogErrors.UNKNOWN_PRODUCT({ product: productId });
        const now = clock.now();
        const checked = priced(productId, price as Money);
        await products.setPrice(productId, checked, now);
        return { product: toMessage({ ...product, price: checked, updatedAt: now }) };
      });
    },

    async getProduct({ productId }) {
      const [product] = await store.find([productId]);
      if (product === undefined) throw CatalogErrors.UNKNOWN_PRODUCT({ product: productId });
      return { product: toMessage(product) };
    },

    async listProducts({ pageSize, pageToken }) {
      const size = pageSize === 0 ? 20 : pageSize;
      const page = pageOf(await store.list(size + 1, afterToken(pageToken)), size, (product) => product.productId);
      return { products: page.items.map(toMessage), nextPageToken: page.nextPageToken };
    },

    async batchGetProducts({ productIds }) {
      const wanted = new Set(productIds);
      const found = await store.find([...wanted]);
      for (const product of found) wanted.delete(product.productId);
      return { products: found.map(toMessage), unknownProductIds: [...wanted] };
    },
  });
}

function toMessage(product: Product) {
  const { productId, title, price } = product;
  return { productId, title, price, updatedAt: timestampFromMs(product.updatedAt) };
}
