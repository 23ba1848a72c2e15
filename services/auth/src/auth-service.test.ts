import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, implement, RpcError } from "@sampan/core";
import type { TokenClaims } from "@sampan/core/ports";
import { type Login, MiniProgramErrors, type MiniProgramProvider } from "@sampan/miniprogram";
import { serveInMemory } from "@sampan/testkit";
import { authService } from "./auth-service.js";

/** Auth with a platform that knows some codes, each once, and a token for each set of claims. */
async function withAuth(
  codes: Map<string, Login>,
  work: (
    call: <T>(work: (auth: Client<typeof AuthService>) => Promise<T>) => Promise<T>,
    issued: TokenClaims[],
  ) => Promise<void>,
): Promise<void> {
  const issued: TokenClaims[] = [];
  const tokens = {
    async issue(claims: TokenClaims) {
      issued.push(claims);
      return { token: `token ${issued.length}`, expiresIn: 7200 };
    },
  };
  const platform = {
    name: "wechat",
    async login(code: string): Promise<Login> {
      const login = codes.get(code);
      if (!codes.delete(code) || login === undefined)
        throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "40029" });
      return login;
    },
  } as unknown as MiniProgramProvider;
  const known = new Set<string>();
  const users = implement(UserService, {
    ensureUser({ provider, openid, unionid }) {
      const created = !known.has(openid);
      known.add(openid);
      return { user: { userId: `${provider}:${openid}:${unionid}` }, created };
    },
    getUser: () => ({}),
    getMe: () => ({}),
    updateMe: () => ({}),
  });
  const memory = await serveInMemory(() => [authService({ platform, tokens, operatorKey: "the key" }), users]);
  try {
    await work((ask) => memory.runtime.run({ name: "test" }, (root) => ask(root.to(AuthService))), issued);
  } finally {
    await memory.close();
  }
}

const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;

test("a code of wx.login becomes a user with a user's token, and works once", () =>
  withAuth(
    new Map([
      ["c1", { subject: "ann", unionId: "union", sessionSecret: "secret" }],
      ["c2", { subject: "ann" }],
    ]),
    async (call, issued) => {
      const first = await call((auth) => auth.loginByCode({ code: "c1" }));
      assert.deepEqual(
        [first.userId, first.newUser, first.accessToken, first.expiresIn],
        ["wechat:ann:union", true, "token 1", 7200],
      );
      assert.deepEqual(issued, [{ subject: "wechat:ann:union", roles: ["user"], tenant: "default" }]);
      await assert.rejects(
        call((auth) => auth.loginByCode({ code: "c1" })),
        refused("LOGIN_CODE_INVALID"),
      );
      const second = await call((auth) => auth.loginByCode({ code: "c2" }));
      assert.deepEqual([second.userId, second.newUser], ["wechat:ann:", false]);
      assert.ok(!JSON.stringify([first, second]).includes("secret"), "the session key stays on the server");
    },
  ));

test("an operator needs the whole key", () =>
  withAuth(new Map(), async (call, issued) => {
    for (const key of ["the ke", "the key ", "THE KEY", "x"]) {
      await assert.rejects(
        call((auth) => auth.loginOperator({ key })),
        refused("WRONG_OPERATOR_KEY"),
      );
    }
    assert.deepEqual(issued, []);
    const { accessToken } = await call((auth) => auth.loginOperator({ key: "the key" }));
    assert.equal(accessToken, "token 1");
    assert.deepEqual(issued, [{ subject: "operator", roles: ["operator"], tenant: "default" }]);
  }));
