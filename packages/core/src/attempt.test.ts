import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { adoptHeaders, adoptTrailers, attempt } from "./attempt.js";
import { Call } from "./call.js";
import { Code } from "./code.js";
import { CoreErrors } from "./core-errors.js";
import { Metadata } from "./metadata.js";
import { RpcError } from "./rpc-error.js";
import { runtimeOnFakeClock } from "./runtime.fixture.js";

function outer(deadlineMs = 1000) {
  const { runtime, clock } = runtimeOnFakeClock();
  const call = new Call({
    runtime,
    side: "client",
    name: "/s/M",
    deadline: clock.now() + deadlineMs,
    metadata: Metadata.of({ a: "1" }),
    tenant: "acme",
    releaseTag: "canary",
    user: { subject: "u", roles: [] },
    baggage: new Map([["k", "v"]]),
    waitForReady: true,
  });
  return { runtime, clock, call };
}

describe("attempt", () => {
  test("carries all that the call carries, and its metadata is a copy", () => {
    const { call } = outer();
    const one = attempt(call);
    assert.deepEqual(
      [one.side, one.name, one.tenant, one.releaseTag, one.user, one.waitForReady, one.baggage.get("k")],
      ["client", "/s/M", "acme", "canary", call.user, true, "v"],
    );
    one.metadata.set("a", "2");
    assert.equal(call.metadata.get("a"), "1");
    assert.equal(attempt(call).metadata.get("a"), "1");
    assert.equal(call.isAttempt, false);
  });

  test("a try has the call's span, and its events go there, also from a try of a try", () => {
    const { call } = outer();
    const inner = attempt(attempt(call));
    assert.deepEqual(inner.trace, call.trace);
    inner.event("retried");
    assert.deepEqual(
      call.events.map(({ name }) => name),
      ["retried"],
    );
  });

  test("a try ends alone: its deadline leaves the call open", async () => {
    const { call, clock } = outer();
    const one = attempt(call, 100);
    assert.equal(one.deadline, clock.now() + 100);
    await clock.advance(110);
    assert.ok(CoreErrors.DEADLINE_EXCEEDED.is(one.error));
    assert.equal(call.settled, false);
  });

  test("its deadline is never later than the call's, and then needs no timer", () => {
    const { call, runtime } = outer();
    assert.equal(attempt(call, 5000).deadline, call.deadline);
    assert.equal(attempt(call).deadline, call.deadline);
    assert.equal(runtime.deadlines.size, 1);
  });

  test("the call's end ends its tries: with its abort, or as cancelled", () => {
    const aborted = outer().call;
    const one = attempt(aborted);
    const error = new RpcError(Code.Unavailable, "gone");
    aborted.abort(error);
    assert.equal(one.error, error);
    const well = outer().call;
    const other = attempt(well);
    well.settle();
    assert.equal(other.error?.code, Code.Canceled);
  });

  test("metadata of the response is brought over when it is adopted, and not before", () => {
    const { call } = outer();
    const one = attempt(call);
    const two = attempt(call);
    one.responseHeaders.set("h", "one");
    two.responseHeaders.set("h", "two");
    two.responseTrailers.set("t", "two");
    assert.equal(call.peekHeaders(), undefined);
    adoptHeaders(two, call);
    adoptTrailers(two, call);
    adoptTrailers(one, call);
    assert.deepEqual([...call.responseHeaders], [["h", "two"]]);
    assert.deepEqual([...call.responseTrailers], [["t", "two"]]);
  });
});

describe("shortenDeadline", () => {
  test("brings the deadline forward, and the call fails with what the rule says", async () => {
    const { call, runtime, clock } = outer();
    const error = new RpcError(Code.DeadlineExceeded, "the rule's");
    assert.equal(
      call.shortenDeadline(clock.now() + 50, () => error),
      true,
    );
    assert.equal(call.remaining(), 50);
    assert.equal(runtime.deadlines.size, 1);
    await clock.advance(60);
    assert.equal(call.error, error);
    assert.equal(runtime.deadlines.size, 0);
  });

  test("never extends, and does nothing to a call that has settled", async () => {
    const { call, runtime, clock } = outer();
    const { deadline } = call;
    const never = (): RpcError => assert.fail("not asked");
    assert.equal(call.shortenDeadline(deadline, never), false);
    assert.equal(call.shortenDeadline(deadline + 1, never), false);
    assert.equal(call.deadline, deadline);
    call.settle();
    assert.equal(call.shortenDeadline(clock.now() + 1, never), false);
    assert.equal(runtime.deadlines.size, 0);
    await clock.advance(2000);
  });

  test("a try without a timer gets one when its deadline comes nearer than the call's", async () => {
    const { call, clock } = outer();
    const one = attempt(call);
    one.shortenDeadline(clock.now() + 20, () => new RpcError(Code.DeadlineExceeded, "the try's"));
    await clock.advance(30);
    assert.equal(one.error?.message, "the try's");
    assert.equal(call.settled, false);
  });
});
