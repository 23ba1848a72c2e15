import { Code, defineErrors } from "@sampan/core";

export const AuthErrors = defineErrors("auth", {
  WRONG_OPERATOR_KEY: {
    code: Code.Unauthenticated,
    message: "this is not the operator key of the installation",
    fix: "use the key that `npm run up` printed at its first start, or set auth.operator-key",
  },
});
