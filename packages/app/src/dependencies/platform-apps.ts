import type { AppCredentials } from "@sampan/miniprogram";

/** The tenant of calls that name none. */
const ownTenant = "default";

/**
 * Which app serves which tenant, from a setting such as `{"north":{"appId":"wx…","appSecret":"…"}}`. The installation's
 * own app serves calls without a tenant, unless the setting says otherwise; a tenant that is not in it is served by none.
 * Throws `TypeError` for a setting that is not of this form, without repeating it.
 */
export function tenantApps(setting: string, own: AppCredentials): (tenant: string) => AppCredentials | undefined {
  const apps = new Map<string, AppCredentials>([[ownTenant, own]]);
  for (const [tenant, app] of Object.entries(parsed(setting))) {
    const { appId, appSecret } = (app ?? {}) as Partial<Record<string, unknown>>;
    if (typeof appId !== "string" || typeof appSecret !== "string" || appId === "" || appSecret === "") {
      throw new TypeError(`platform.tenantApps: ${tenant} does not have an appId and an appSecret`);
    }
    apps.set(tenant, { appId, appSecret });
  }
  return (tenant) => apps.get(tenant);
}

function parsed(setting: string): object {
  let value: unknown;
  try {
    value = JSON.parse(setting);
  } catch {
    // The parser's message would quote the text.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TypeError("platform.tenantApps is not a JSON object of apps by tenant");
}
