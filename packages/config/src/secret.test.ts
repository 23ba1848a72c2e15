import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { format, inspect } from "node:util";
import { Secret } from "./secret.js";

describe("a secret", () => {
  it("shows itself only when asked to", () => {
    const secret = new Secret("hush");
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true }),
      format("%o", secret),
    ];
    for (const text of shown) assert.doesNotMatch(text, /hush/);
    assert.equal(secret.reveal(), "hush");
  });
});
