import { isEntry, platform, run, type ServiceModule, service, tokens } from "@sampan/app";
import { authService } from "./auth-service.js";
import { AuthSettings } from "./settings.js";

export const auth: ServiceModule = service({
  name: "auth",
  settings: AuthSettings,
  needs: { platform, tokens },
  build: ({ platform, tokens, settings }) => ({
    serves: [authService({ platform, tokens, operatorKey: settings.operatorKey.reveal() })],
  }),
});

if (isEntry(import.meta)) await run(auth);
