import type { TrustBundle } from "../bundle/trust-bundle.js";
import type { Certificate } from "../x509/certificate.js";
import { readCertificate } from "../x509/read-certificate.js";
import { isSignedBy } from "../x509/signatures.js";
import { authorityProblem, leafProblem, readLeafId } from "./profile.js";
import type { RevocationIndex } from "./revocation-index.js";

/** Why a peer is refused; for metrics and tests. `why` says it in words. */
export type Refusal =
  | "malformed"
  | "no-spiffe-id"
  | "not-a-leaf"
  | "key-usage"
  | "unknown-extension"
  | "not-yet-valid"
  | "expired"
  | "foreign-trust-domain"
  | "no-path"
  | "authority"
  | "revoked";

export type Verdict =
  | { readonly id: string; readonly notAfter: number; readonly refusal?: undefined }
  /** `id` is what the leaf claims, or empty. */
  | { readonly id: string; readonly refusal: Refusal; readonly why: string };

/** What a peer is held against. */
export interface Trust {
  /** By trust domain. A peer of any other is refused. */
  readonly bundles: ReadonlyMap<string, TrustBundle>;
  readonly revoked?: RevocationIndex;
}

/** Root, intermediate, leaf; other authorities may have one or two more. */
const longestChain = 8;
const longestPath = 5;

/**
 * Checks what a peer has shown (leaf first, the rest in any order) as X509-SVID.md, section 5, and RFC 5280 ask: the
 * leaf's profile, a path of valid authorities to the bundle of the leaf's own trust domain, and the revocation lists.
 * A decider. Never throws for what a peer sends.
 */
export function verifyChain(chain: readonly Uint8Array[], trust: Trust, now: number): Verdict {
  let certificates: Certificate[];
  try {
    if (chain.length === 0) return { id: "", refusal: "malformed", why: "there is none" };
    if (chain.length > longestChain)
      return { id: "", refusal: "malformed", why: `more than ${longestChain} were shown` };
    certificates = chain.map(readCertificate);
  } catch (error) {
    return { id: "", refusal: "malformed", why: (error as Error).message };
  }
  const [leaf, ...others] = certificates as [Certificate, ...Certificate[]];
  const named = readLeafId(leaf);
  if ("refusal" in named) return { id: "", ...named };
  const { id, trustDomain } = named;
  const problem = leafProblem(leaf) ?? timeProblem(leaf, now);
  if (problem !== undefined) return { id, ...problem };
  const bundle = trust.bundles.get(trustDomain);
  if (bundle === undefined) {
    return { id, refusal: "foreign-trust-domain", why: `nobody here speaks for the trust domain ${trustDomain}` };
  }
  const roots = bundle.authorities.map(readCertificate);
  const path = new PathSearch(others, roots, trustDomain, trust.revoked, now);
  const found = path.from(leaf, 0);
  if (found !== undefined) return { id, ...found };
  return { id, notAfter: leaf.notAfter };
}

interface Problem {
  readonly refusal: Refusal;
  readonly why: string;
}

function timeProblem({ notBefore, notAfter }: Certificate, now: number): Problem | undefined {
  if (now < notBefore) return { refusal: "not-yet-valid", why: `it holds from ${iso(notBefore)} on` };
  // The second of notAfter is inside (RFC 5280, 4.1.2.5).
  if (now >= notAfter + 1000) return { refusal: "expired", why: `it has held until ${iso(notAfter)}` };
  return undefined;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000", "");
}

/** Looks for a way from a certificate up to a root, through what the peer has shown. */
class PathSearch {
  readonly #others: readonly Certificate[];
  readonly #roots: readonly Certificate[];
  readonly #trustDomain: string;
  readonly #revoked: RevocationIndex | undefined;
  readonly #now: number;
  /** Signatures are what costs: a chain that is made to branch is given up early. */
  #checks = 0;

  constructor(
    others: readonly Certificate[],
    roots: readonly Certificate[],
    trustDomain: string,
    revoked: RevocationIndex | undefined,
    now: number,
  ) {
    this.#others = others;
    this.#roots = roots;
    this.#trustDomain = trustDomain;
    this.#revoked = revoked;
    this.#now = now;
  }

  /** Undefined when there is a way; else what was wrong with the most promising one. `below` counts intermediates. */
  from(subject: Certificate, below: number): Problem | undefined {
    let best: Problem = { refusal: "no-path", why: "no authority of the bundle has signed it" };
    if (below > longestPath) return { refusal: "no-path", why: "the chain is too long" };
    for (const [issuer, isRoot] of this.#candidates(subject)) {
      if (++this.#checks > 16) return best;
      if (!isSignedBy(issuer.publicKey, subject.signed)) continue;
      const problem =
        authorityProblem(issuer, this.#trustDomain, below) ??
        authorityTime(issuer, this.#now) ??
        this.#revocation(subject, issuer) ??
        (isRoot ? undefined : this.from(issuer, below + 1));
      // Another way up does not make it good again.
      if (problem === undefined || problem.refusal === "revoked") return problem;
      if (problem.refusal !== "no-path" || best.refusal === "no-path") best = problem;
    }
    return best;
  }

  *#candidates(subject: Certificate): Generator<readonly [Certificate, boolean]> {
    for (const root of this.#roots) if (mayHaveIssued(root, subject)) yield [root, true];
    for (const other of this.#others) if (other !== subject && mayHaveIssued(other, subject)) yield [other, false];
  }

  #revocation(subject: Certificate, issuer: Certificate): Problem | undefined {
    const why = this.#revoked?.problem(subject, issuer);
    return why === undefined ? undefined : { refusal: "revoked", why };
  }
}

function mayHaveIssued(issuer: Certificate, subject: Certificate): boolean {
  if (Buffer.compare(issuer.subject, subject.issuer) !== 0) return false;
  const { authorityKeyId } = subject;
  if (authorityKeyId === undefined || issuer.subjectKeyId === undefined) return true;
  return Buffer.compare(authorityKeyId, issuer.subjectKeyId) === 0;
}

function authorityTime(issuer: Certificate, now: number): Problem | undefined {
  const problem = timeProblem(issuer, now);
  return problem === undefined ? undefined : { refusal: "authority", why: `of an authority above: ${problem.why}` };
}
