import assert from "node:assert/strict";
import { systemClock } from "@sampan/core";
import { type Authority, createAuthority, memoryAuthorityStore, peerVerifier } from "@sampan/identity/certificates";
import type { Tally } from "../runner/tally.js";
import { GoWorkload } from "./go-spiffe.js";
import { orderId, other, shop } from "./world.js";

/** A chain, and who speaks for a trust domain. */
interface Shown {
  readonly name: string;
  readonly domain: string;
  readonly chain: readonly Uint8Array[];
  readonly roots: readonly Uint8Array[];
  readonly good: boolean;
}

/** Chains that our verifier and go-spiffe's must judge alike. */
export async function chainCases(program: string, tally: Tally): Promise<void> {
  const cases = await shownChains();
  const input = cases.map(({ domain, chain, roots }) => ({
    Domain: [encode(Buffer.from(domain))],
    Chain: chain.map(encode),
    Roots: roots.map(encode),
  }));
  const theirs = new GoWorkload(program, ["verify"], "", JSON.stringify(input));
  for (const { name, good, ...shown } of cases) {
    await tally.judge(`a chain: ${name}`, async () => {
      const { id, verified } = await theirs.next();
      const refusal = ourVerdict(shown);
      assert.equal(verified === "<nil>", good, `go-spiffe: ${String(verified)}`);
      assert.equal(refusal === undefined, good, `ours: ${refusal ?? "accepted"}`);
      if (good) assert.equal(id, orderId);
    });
  }
  theirs.stop();
}

async function shownChains(): Promise<readonly Shown[]> {
  const hour = 3_600_000;
  const [ours, namesake, neighbour, late, early] = await Promise.all([
    authorityAt(shop, 0),
    authorityAt(shop, 0),
    authorityAt(other, 0),
    authorityAt(shop, -2 * hour),
    authorityAt(shop, 2 * hour),
  ]);
  const roots = (authority: Authority): readonly Uint8Array[] => authority.bundle().authorities;
  const chain = (authority: Authority): readonly [Uint8Array, Uint8Array] =>
    authority.issue(orderId).chain as [Uint8Array, Uint8Array];
  const [leaf, intermediate] = chain(ours);
  const base = { domain: shop, roots: roots(ours), good: false };
  return [
    { ...base, name: "as we issue it", chain: [leaf, intermediate], good: true },
    { ...base, name: "with its root", chain: [leaf, intermediate, ...roots(ours)], good: true },
    {
      ...base,
      name: "beside another root",
      chain: [leaf, intermediate],
      roots: [...roots(namesake), ...roots(ours)],
      good: true,
    },
    { ...base, name: "without its intermediate", chain: [leaf] },
    { ...base, name: "with somebody else's intermediate", chain: [leaf, chain(namesake)[1]] },
    { ...base, name: "of an authority with the same name", chain: chain(namesake) },
    { ...base, name: "whose root speaks for another trust domain", domain: other, chain: [leaf, intermediate] },
    {
      ...base,
      name: "of a trust domain that another root speaks for",
      roots: roots(neighbour),
      chain: [leaf, intermediate],
    },
    { ...base, name: "that has expired", roots: roots(late), chain: chain(late) },
    { ...base, name: "that does not hold yet", roots: roots(early), chain: chain(early) },
    { ...base, name: "of an intermediate alone", chain: [intermediate] },
    { ...base, name: "of a root alone", chain: roots(ours) },
    { ...base, name: "of nothing", chain: [] },
    { ...base, name: "of octets", chain: [leaf.subarray(0, -1), intermediate] },
  ];
}

/** An authority whose clock is off, so that what it issues has expired or does not hold yet. */
function authorityAt(domain: string, offsetMs: number): Promise<Authority> {
  const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
  return createAuthority(domain, { store: memoryAuthorityStore(), clock });
}

function ourVerdict({ domain, chain, roots }: Pick<Shown, "domain" | "chain" | "roots">): string | undefined {
  const svid = {
    id: `spiffe://${domain}/ns/x/sa/judge`,
    chain: [],
    privateKey: new Uint8Array(),
    notBefore: 0,
    notAfter: 0,
  };
  const bundles = new Map([[domain, { trustDomain: domain, authorities: roots }]]);
  const source = { current: () => ({ svid, bundles, revocationLists: [] }), watch: () => () => {}, close() {} };
  try {
    peerVerifier({ source }).verify(chain);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function encode(der: Uint8Array): string {
  return Buffer.from(der).toString("base64");
}
