import { isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { settings } from "@sampan/config";
import { type UserTables, userSchema } from "./schema.js";
import { userStore } from "./store.js";
import { userService } from "./user-service.js";

export const user: ServiceModule = service({
  name: "user",
  settings: settings({}),
  needs: { sql: sql<UserTables>([userSchema]) },
  build: ({ sql, clock }) => ({ serves: [userService({ store: userStore(sql), clock })] }),
});

if (isEntry(import.meta)) await run(user);
