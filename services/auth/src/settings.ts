import { duration, secret, settings } from "@sampan/config";

export const AuthSettings = settings({
  operatorKey: secret({ doc: "what an operator logs in with; `sampan up` makes one at its first start" }),
  refreshLifetime: duration({
    default: "30d",
    min: "1m",
    max: "3650d",
    doc: "how long a refresh token that is not used is valid",
  }),
  refreshGrace: duration({
    default: "10s",
    min: "0s",
    max: "1m",
    doc: "how long a device that did not get the answer to a refresh may ask again",
  }),
  sessionLifetime: duration({
    default: "180d",
    min: "1m",
    max: "3650d",
    doc: "after how long a login ends however it is used",
  }),
});
