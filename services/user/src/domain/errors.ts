import { Code, defineErrors } from "@sampan/core";

export const UserErrors = defineErrors("user", {
  UNKNOWN_USER: {
    code: Code.NotFound,
    message: "there is no user {user}",
    fix: "log in again",
  },
  UNKNOWN_IDENTITY: {
    code: Code.NotFound,
    message: "nobody has logged in with this identity of {provider}",
    fix: "nothing here: who has never logged in has nothing stored either",
  },
  NO_PHONE: {
    code: Code.NotFound,
    message: "the user {user} has bound no phone number",
    fix: "let the user press the platform's phone button",
  },
  UNKNOWN_ADDRESS: {
    code: Code.NotFound,
    message: "there is no address {address}",
    fix: "list the addresses for their ids",
  },
  TOO_MANY_ADDRESSES: {
    code: Code.ResourceExhausted,
    message: "there are {limit} addresses, which is the limit",
    fix: "delete one that is no longer used",
  },
});
