/** Names of tenants come from callers: no more than these are kept. */
const maxKept = 10_000;

/** Values by tenant, read when they are first asked for. Tenants that the same holds for share one object. */
export class TenantValues<V> {
  readonly #base: V;
  readonly #ruleOf: (tenant: string) => string;
  readonly #read: (tenant: string) => V;
  readonly #byRule = new Map<string, V>();
  readonly #byTenant = new Map<string, V>();

  /** `ruleOf` gives the same text, empty but for `|`, for tenants that nothing is different for. */
  constructor(base: V, ruleOf: (tenant: string) => string, read: (tenant: string) => V) {
    this.#base = base;
    this.#ruleOf = ruleOf;
    this.#read = read;
  }

  of(tenant: string): V {
    const known = this.#byTenant.get(tenant);
    if (known !== undefined) return known;
    const values = this.#find(tenant);
    if (this.#byTenant.size >= maxKept) this.#byTenant.clear();
    this.#byTenant.set(tenant, values);
    return values;
  }

  #find(tenant: string): V {
    const rule = this.#ruleOf(tenant);
    if (/^\|*$/.test(rule)) return this.#base;
    const known = this.#byRule.get(rule);
    if (known !== undefined) return known;
    const values = this.#read(tenant);
    if (this.#byRule.size >= maxKept) this.#byRule.clear();
    this.#byRule.set(rule, values);
    return values;
  }
}
