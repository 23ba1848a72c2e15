import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutLikelySecrets } from "./likely-secrets.js";

test("keys, tokens, codes, ids and numbers are hidden; words and the request id stay", () => {
  const cases: [string, string][] = [
    ["invalid code, rid: 611f3d2e-6a1e9b4a-3d0d6c3e", "invalid code, rid: 611f3d2e-6a1e9b4a-3d0d6c3e"],
    ["access_token is invalid or not latest", "access_token is invalid or not latest"],
    [
      "call getStableAccessToken or see https://mmbizurl.cn/s/JtxxFh33r",
      "call getStableAccessToken or see https://mmbizurl.cn/s/JtxxFh33r",
    ],
    ["argument invalid! data.thing1.value invalid", "argument invalid! data.thing1.value invalid"],
    ["session_key HyVFkGl5F5OQWJZZaNzBBg==", "session_key [hidden]"],
    ["secret 0123456789abcdef0123456789abcdef", "secret [hidden]"],
    ["user oGZUI0egBJY1zhBYw2KhdUfwVJJE", "user [hidden]"],
    ["phone +8613800138000", "phone [hidden]"],
    ["phone 1380013 8000", "phone [hidden] 8000"],
    ["rid: HyVFkGl5F5OQWJZZaNzBBg==", "rid: [hidden]"],
  ];
  for (const [text, shown] of cases) assert.equal(withoutLikelySecrets(text), shown);
});
