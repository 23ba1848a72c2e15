import { isEntry, keyValue, platform, run, type ServiceModule, service, sql, tokens } from "@sampan/app";
import { Passwords } from "@sampan/identity";
import { authService } from "./auth-service.js";
import { operatorService } from "./operator-service.js";
import { type AuthTables, authSchema } from "./schema.js";
import { Sessions } from "./sessions.js";
import { AuthSettings } from "./settings.js";
import { authStore } from "./store.js";

/** Revocations are remembered for longer than the tokens that they are about, by the clocks of others. */
const skewMs = 60_000;

export const auth: ServiceModule = service({
  name: "auth",
  settings: AuthSettings,
  needs: { platform, tokens, keyValue, sql: sql<AuthTables>([authSchema]) },
  async build({ platform, tokens, keyValue, sql, settings, clock }) {
    const store = authStore(sql);
    // Wrong passwords are counted for all instances together. While the store is away nobody logs in by password.
    const passwords = new Passwords({ store: keyValue, clock });
    const sessions = new Sessions({
      store,
      tokens,
      codec: await tokens.refreshCodec(),
      rules: { lifetimeMs: settings.refreshLifetime, graceMs: settings.refreshGrace },
      sessionMs: settings.sessionLifetime,
      tokenMs: tokens.lifetimeMs + skewMs,
      clock,
      revoked: (revocation) => tokens.revocations.add(revocation, clock.now()),
    });
    for (let after = 0, more = true; more; ) {
      const { revocations, last } = await store.revocations(after, 500);
      for (const each of revocations) tokens.revocations.add(each, clock.now());
      more = last > after;
      after = last;
    }
    const operatorKey = settings.operatorKey.reveal();
    return {
      serves: [
        authService({ platform, tokens, store, sessions, passwords, operatorKey }),
        operatorService({ store, passwords, sessions }),
      ],
    };
  },
});

if (isEntry(import.meta)) await run(auth);
