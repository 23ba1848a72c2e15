import type { TestContext } from "node:test";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { type Authority, createAuthority } from "./authority/authority.js";
import type { Lives } from "./authority/authority-state.js";
import { type AuthorityStore, memoryAuthorityStore } from "./authority/authority-store.js";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const orderId = "spiffe://shop.test/ns/shop/sa/order";
export const cartId = "spiffe://shop.test/ns/shop/sa/cart";

export interface TestAuthority {
  readonly authority: Authority;
  readonly clock: FakeClock;
  readonly store: AuthorityStore;
}

export async function testAuthority(
  t: TestContext,
  options: { readonly trustDomain?: string; readonly lives?: Partial<Lives>; readonly clock?: FakeClock } = {},
): Promise<TestAuthority> {
  const { trustDomain = "shop.test", lives = {}, clock = createFakeClock() } = options;
  const store = memoryAuthorityStore();
  const authority = await createAuthority(trustDomain, { store, clock, lives });
  t.after(() => authority.close());
  return { authority, clock, store };
}
