import { isEntry, run, type ServiceModule, service, sql } from "@sampan/app";
import { settings } from "@sampan/config";
import { addressService } from "./address-service.js";
import { phoneService } from "./phone-service.js";
import { type UserTables, userSchema } from "./schema.js";
import { addressStore } from "./store/address-store.js";
import { userStore } from "./store.js";
import { userService } from "./user-service.js";

export const user: ServiceModule = service({
  name: "user",
  settings: settings({}),
  needs: { sql: sql<UserTables>([userSchema]) },
  build({ sql, clock }) {
    const store = userStore(sql);
    return {
      serves: [
        userService({ store, clock }),
        phoneService({ store }),
        addressService({ store: addressStore(sql), clock }),
      ],
    };
  },
});

if (isEntry(import.meta)) await run(user);
