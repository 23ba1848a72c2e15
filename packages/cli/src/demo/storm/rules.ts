/** The rules that hold from the beginning. */
export const goodRules = `rules:
  - name: stock-checks
    description: Each tenant has its own share of the inventory, and what one instance fails at another is asked.
    match: { service: inventory.v1.InventoryService, method: CheckStock }
    timeout: { request: 1s, perTry: 400ms }
    retry: { attempts: 3, on: [unavailable, deadline-exceeded], backoff: { base: 10ms, max: 100ms } }
    breaker: { errorRatio: 50%, minimumRequests: 20, open: 2s }
    limit: { rate: 100/s, burst: 50, per: tenant }

  - name: reservations
    match: { service: inventory.v1.InventoryService, method: [Reserve, Confirm, Release, BatchCheckStock] }
    retry: { attempts: 3, on: [unavailable], backoff: { base: 20ms, max: 200ms } }
`;

/** Somebody's mistake: nearly nobody may ask for stock. */
export const strictRules: string = goodRules.replace("rate: 100/s, burst: 50", "rate: 1/s, burst: 1");

/** Not even rules. */
export const brokenRules = `rules:
  - name: stock-checks
    match: { service: inventory.v1.InventoryService }
    limit: { rate: a lot }
    timeot: 1s
`;
