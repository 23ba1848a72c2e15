import assert from "node:assert/strict";
import { test } from "node:test";
import { boundariesOf } from "@sampan/data";
import { createFakeClock } from "@sampan/testkit";
import { FakePlatform } from "./fake-platform.fixture.js";
import { giveBackSaga } from "./give-back.js";
import type { PaymentStore } from "./payment-store.js";

/** The crash test of packages/cli kills the process at each of these; a step that is added here is added there. */
test("these are the points at which giving back can be interrupted", () => {
  const saga = giveBackSaga({
    store: {} as PaymentStore,
    platform: new FakePlatform(),
    clock: createFakeClock(),
    times: { payOrder: [1], refund: [1] },
    notifyUrl: () => "",
    asking: new Map(),
  });
  assert.deepEqual(boundariesOf(saga), [
    "give-back/accept:before-run",
    "give-back/accept:after-run",
    "give-back/accept:after-commit",
    "give-back/refund:before-run",
    "give-back/refund:after-run",
    "give-back/refund:after-commit",
  ]);
});
