import { createHash, timingSafeEqual } from "node:crypto";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { implement, type Service } from "@sampan/core";
import type { TokenIssuer } from "@sampan/core/ports";
import type { MiniProgramProvider } from "@sampan/miniprogram";
import { AuthErrors } from "./domain/errors.js";

export interface AuthDeps {
  readonly platform: MiniProgramProvider;
  readonly tokens: TokenIssuer;
  /** The installation's operator key. */
  readonly operatorKey: string;
}

export function authService({ platform, tokens, operatorKey }: AuthDeps): Service {
  return implement(AuthService, {
    async loginByCode({ code }, call) {
      const { subject, unionId } = await platform.login(code, call);
      const { user, created } = await call
        .to(UserService)
        .ensureUser({ provider: platform.name, openid: subject, unionid: unionId ?? "" });
      const userId = user?.userId ?? "";
      const { token, expiresIn } = await tokens.issue({ subject: userId, roles: ["user"], tenant: call.tenant });
      return { accessToken: token, expiresIn, userId, newUser: created };
    },

    async loginOperator({ key }, call) {
      if (!sameSecret(key, operatorKey)) throw AuthErrors.WRONG_OPERATOR_KEY();
      const { token, expiresIn } = await tokens.issue({
        subject: "operator",
        roles: ["operator"],
        tenant: call.tenant,
      });
      return { accessToken: token, expiresIn };
    },
  });
}

/** Takes the same time wherever the two differ; digests make the lengths equal. */
function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
