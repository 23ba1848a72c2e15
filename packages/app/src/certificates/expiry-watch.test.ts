import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth } from "@sampan/telemetry";
import { createFakeClock, type LogLine, logTo } from "@sampan/testkit";
import { ExpiryWatch } from "./expiry-watch.js";

const minute = 60_000;

function watching() {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const health = createHealth();
  const watch = new ExpiryWatch({ clock, logger: logTo(lines), health, failure: () => "no answer" });
  const give = (lifeMs = 60 * minute): void => {
    // Authorities date certificates back for clocks that are late.
    watch.renewed({ id: "spiffe://a/b", notBefore: clock.now() - 10_000, notAfter: clock.now() + lifeMs });
  };
  const told = () => lines.splice(0).map(({ level, fields }) => `${level} ${fields.expires_in_s ?? ""}`.trim());
  return { clock, health, watch, give, told, lines };
}

test("a certificate that is renewed in time is told of once", async () => {
  const { clock, health, watch, give, told } = watching();
  give();
  assert.deepEqual(told(), ["info 3600"]);
  for (let times = 0; times < 3; times++) {
    await clock.advance(30 * minute);
    give();
  }
  assert.deepEqual(told(), ["debug 3600", "debug 3600", "debug 3600"]);
  assert.equal(health.report().ready, true);
  watch.close();
  assert.equal(clock.pending, 0);
});

test("one that lives for seconds and is renewed at half of them is not late, although it is dated back by more", async () => {
  const { clock, give, told } = watching();
  for (let times = 0; times < 3; times++) {
    give(8_000);
    await clock.advance(4_000);
  }
  assert.deepEqual(told(), ["info 8", "debug 8", "debug 8"]);
});

test("one that is not is told of the more often the nearer its end is, with the reason; then traffic ends", async () => {
  const { clock, health, give, told, lines } = watching();
  give();
  told();
  await clock.advance(60 * minute - 1);
  assert.deepEqual(
    lines.map(({ fields }) => fields.failure),
    lines.map(() => "no answer"),
  );
  assert.deepEqual(told(), ["warn 900", "warn 450", "warn 225", "warn 113", "warn 56", "warn 28"]);
  assert.equal(health.report().ready, true);
  await clock.advance(1);
  assert.deepEqual(told(), ["error"]);
  assert.deepEqual(
    health.report().checks.map(({ name, state }) => `${name} ${state}`),
    ["certificates down"],
  );
  give();
  assert.deepEqual(told(), ["info 3600"]);
  assert.equal(health.report().ready, true);
});
