import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { integer } from "./kinds/number.js";
import { secret } from "./kinds/secret.js";
import { layoutOf } from "./layout.js";
import { settings } from "./settings.js";

describe("layout", () => {
  it("turns a name into a flag and a variable", () => {
    const section = settings({ maxHTTPLines: integer(), http2Window: integer(), a: integer() });
    const layout = layoutOf({ "order-saga": section });
    assert.deepEqual(
      layout.all.map(({ name, flag, variable }) => [name, flag, variable]),
      [
        ["order-saga.maxHTTPLines", "--order-saga.max-http-lines", "SAMPAN_ORDER_SAGA_MAX_HTTP_LINES"],
        ["order-saga.http2Window", "--order-saga.http2-window", "SAMPAN_ORDER_SAGA_HTTP2_WINDOW"],
        ["order-saga.a", "--order-saga.a", "SAMPAN_ORDER_SAGA_A"],
      ],
    );
  });

  it("refuses two settings with one name", () => {
    assert.throws(
      () => layoutOf({ order: settings({ sagaStep: integer() }), orderSaga: settings({ step: integer() }) }),
      {
        message: "settings order.sagaStep and orderSaga.step would both be SAMPAN_ORDER_SAGA_STEP",
      },
    );
    assert.throws(
      () => layoutOf({ pay: settings({ key: secret(), keyFile: integer() }) }),
      /would both be pay.keyFile/,
    );
  });

  it("refuses names that do not translate", () => {
    assert.throws(() => settings({ "max-lines": integer() }), TypeError);
    assert.throws(() => layoutOf({ Order: settings({}) }), TypeError);
    assert.throws(() => layoutOf({ __proto__x: settings({}) }), TypeError);
  });
});
