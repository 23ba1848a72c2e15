import { Code, defineErrors } from "@sampan/core";

export const AuthErrors = defineErrors("auth", {
  WRONG_OPERATOR_KEY: {
    code: Code.Unauthenticated,
    message: "this is not the operator key of the installation",
    fix: "use the key that `npm run up` printed at its first start, or set auth.operator-key",
  },
  UNKNOWN_ROLE: {
    code: Code.InvalidArgument,
    message: "there is no role {role} for operators: use {known}",
    fix: "use one of the roles that the message names",
  },
  OPERATOR_EXISTS: {
    code: Code.AlreadyExists,
    message: "there is an operator {name} already",
    fix: "choose another name, or change that operator",
  },
  UNKNOWN_OPERATOR: {
    code: Code.NotFound,
    message: "there is no operator {name}",
    fix: "list the operators for their names",
  },
  UNKNOWN_SIGNING_KEY: {
    code: Code.NotFound,
    message: "there is no session {key}, or it has ended",
    fix: "log in again",
  },
  PHONE_NOT_OFFERED: {
    code: Code.Unimplemented,
    message: "the platform {platform} does not tell phone numbers here",
    fix: "configure a platform whose provider offers it",
  },
});
