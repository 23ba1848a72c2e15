/** What is measured of ours: guards and stacks of them as rules say them, and the call without them that each is compared with. */
export interface StackCase {
  readonly name: string;
  /** Where the layers are: around a call that is made, one that is served, or one that is made and served. */
  readonly side: "client" | "server" | "both";
  /** What the rules say besides what they match; undefined: no layers at all, empty: layers without rules. */
  readonly rules?: readonly string[];
  /** Calls of a method that can be batched, none of which finds another to go with, started together. */
  readonly batched?: boolean;
  /** All calls are of one tenant. */
  readonly oneTenant?: boolean;
  /** Every call is refused, after something has brought that about. */
  readonly refused?: "by rate" | "after failures" | "while one is held" | "while the loop is late";
  /** In a process in which calls pass through all the other stacks as well. */
  readonly crowded?: boolean;
}

const timeout = "timeout: 800ms";
const retry = "retry: { attempts: 3, on: [unavailable], backoff: { base: 50ms, max: 1s } }";
const breaker =
  "breaker: { errorRatio: 50%, minimumRequests: 20, window: 10s, open: 5s, probes: 3, on: [unavailable] }";
const slowBreaker =
  "breaker: { errorRatio: 50%, minimumRequests: 20, window: 10s, open: 5s, probes: 3, on: [unavailable], slow: { above: 300ms, ratio: 50% } }";
const rate = "rate: 10000000/s, burst: 10000000";
const limit = `limit: { ${rate} }`;
const concurrency = "concurrency: { max: 1000, queue: 100, maxWait: 1s }";
const hereToo = "concurrency: { max: 1000, queue: 100, maxWait: 1s, side: client }";
const usual = `${timeout}, ${retry}, ${breaker}, ${limit}, ${concurrency}`;
const forTenant = `match: { tenant: [tenant-3, tenant-4] }, limit: { rate: 9000000/s, burst: 9000000 }`;

/** The names of those that others are compared with. */
export const bareOf: Readonly<Record<StackCase["side"] | "batched", string>> = {
  client: "bare call, client",
  server: "bare call, server",
  both: "bare call, client and server",
  batched: "bare calls, 1000 at a time",
};

export const usualStack = "usual stack";

export const stackCases: readonly StackCase[] = [
  { name: bareOf.client, side: "client" },
  { name: bareOf.server, side: "server" },
  { name: bareOf.both, side: "both" },
  { name: bareOf.batched, side: "client", batched: true },
  { name: "no rules, client", side: "client", rules: [] },
  { name: "no rules, server", side: "server", rules: [] },
  { name: "timeout", side: "client", rules: [timeout] },
  { name: "retry", side: "client", rules: [retry] },
  { name: "hedge", side: "client", rules: ["hedge: { after: 80ms, attempts: 2 }"] },
  { name: "breaker", side: "client", rules: [breaker] },
  { name: "breaker, slow calls too", side: "client", rules: [slowBreaker] },
  { name: "batch of one", side: "client", batched: true, rules: ["batch: { maxDelay: 1ms }"] },
  { name: "limit", side: "server", rules: [limit] },
  { name: "limit, leaky bucket", side: "server", rules: ["limit: { rate: 10000000/s, shape: leaky }"] },
  { name: "limit, warm-up", side: "server", rules: [`limit: { ${rate}, shape: warm-up }`] },
  { name: "limit per tenant", side: "server", rules: [`limit: { ${rate}, per: tenant }`] },
  { name: "limit per request field", side: "server", rules: [`limit: { ${rate}, per: "field:text" }`] },
  // Of many, those who call first may hold what there is, so that others are refused, which is another price.
  {
    name: "limit, fair, one tenant",
    side: "server",
    rules: ["limit: { rate: 10000000/s, burst: 1000, fair: tenant }"],
    oneTenant: true,
  },
  { name: "limit, shared, from the lease", side: "server", rules: [`limit: { ${rate}, shared: true, lease: 1s }`] },
  { name: "concurrency", side: "server", rules: [concurrency] },
  {
    name: "concurrency, fair between tenants",
    side: "server",
    rules: ["concurrency: { max: 1000, queue: 100, maxWait: 1s, fair: tenant }"],
  },
  // Calls in a bench come faster than the loop turns; how late it is is asked all the same.
  { name: "shed", side: "server", rules: ["shed: { maxLoopDelay: 10s }"] },
  { name: "fallback, fixed answer", side: "server", rules: ["fallback: { answer: { text: sorry } }"] },
  { name: "timeout, breaker, concurrency", side: "client", rules: [`${timeout}, ${breaker}, ${hereToo}`] },
  {
    name: "timeout, retry, breaker, concurrency",
    side: "client",
    rules: [`${timeout}, ${retry}, ${breaker}, ${hereToo}`],
  },
  { name: "usual stack, client's part", side: "client", rules: [`${timeout}, ${retry}, ${breaker}`] },
  { name: "usual stack, server's part", side: "server", rules: [`${limit}, ${concurrency}`] },
  { name: usualStack, side: "both", rules: [usual] },
  { name: "usual stack, limit by tenant", side: "both", rules: [usual, forTenant] },
  { name: "usual stack, others in use", side: "both", rules: [usual], crowded: true },
  { name: "limit refuses", side: "server", rules: ["limit: { rate: 1/1h, burst: 1 }"], refused: "by rate" },
  {
    name: "breaker is open",
    side: "client",
    rules: ["breaker: { errorRatio: 50%, minimumRequests: 20, window: 10s, open: 24h, on: [unavailable] }"],
    refused: "after failures",
  },
  { name: "concurrency refuses", side: "server", rules: ["concurrency: { max: 1 }"], refused: "while one is held" },
  { name: "shed refuses", side: "server", rules: ["shed: 50ms"], refused: "while the loop is late" },
];
