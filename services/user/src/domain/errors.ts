import { Code, defineErrors } from "@sampan/core";

export const UserErrors = defineErrors("user", {
  UNKNOWN_USER: {
    code: Code.NotFound,
    message: "there is no user {user}",
    fix: "log in again",
  },
});
