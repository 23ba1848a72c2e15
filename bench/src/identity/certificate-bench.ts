import { authoritySource, createAuthority, memoryAuthorityStore, peerVerifier } from "@sampan/identity/certificates";
import type { IdentityCase } from "./identity-bench.js";

const id = "spiffe://shop.bench/ns/shop/sa/order";

/** Issuing an SVID with a new key, and checking one: three certificates, a bundle, a revocation list. */
export const certificateCases: readonly IdentityCase[] = [
  {
    name: "issue an SVID, key and all",
    calls: 2000,
    async prepare() {
      const authority = await createAuthority("shop.bench", { store: memoryAuthorityStore() });
      return async () => authority.issue(id);
    },
  },
  {
    name: "check an SVID's chain",
    calls: 2000,
    async prepare() {
      const authority = await createAuthority("shop.bench", { store: memoryAuthorityStore() });
      const source = authoritySource({ authority, id });
      const { verify } = peerVerifier({ source });
      const { chain } = source.current().svid;
      return async () => verify(chain);
    },
  },
];
