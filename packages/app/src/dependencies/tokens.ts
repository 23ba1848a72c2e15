import { join } from "node:path";
import { duration, type Settings, type SettingsOf, settings, text } from "@sampan/config";
import type { TokenIssuer, TokenVerifier } from "@sampan/core/ports";
import { loadOrCreateTokenKeys, tokenIssuer, tokenVerifier } from "@sampan/identity";
import type { SingletonDependency } from "../dependency.js";

const fields = {
  issuer: text({ default: "sampan", doc: "who issues tokens: the installation's name" }),
  audience: text({ default: "sampan", doc: "for whom tokens are" }),
  lifetime: duration({ default: "2h", min: "1m", max: "30d", doc: "how long an access token is valid" }),
};

const TokenSettings: Settings<typeof fields> = settings(fields);

/** Issues and checks access tokens, with keys kept in the data folder. */
export const tokens: SingletonDependency<TokenIssuer & TokenVerifier> = {
  name: "tokens",
  lifetime: "process",
  settings: TokenSettings,
  async open({ dataFolder, settings, clock }) {
    const { issuer, audience, lifetime } = settings as unknown as SettingsOf<typeof TokenSettings>;
    const keys = await loadOrCreateTokenKeys(join(dataFolder, "tokens"));
    const issuing = tokenIssuer({ keys, issuer, audience, lifetimeMs: lifetime, clock });
    const verifying = tokenVerifier({ keys: keys.publicKeys, issuer, audience, clock });
    return { value: { issue: (claims) => issuing.issue(claims), verify: (token) => verifying.verify(token) } };
  },
};
