import { secret, settings } from "@sampan/config";

export const AuthSettings = settings({
  operatorKey: secret({ doc: "what an operator logs in with; `sampan up` makes one at its first start" }),
});
