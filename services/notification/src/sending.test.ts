import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderStatus, RefundSchema, RefundStatus } from "@sampan/contracts/order/v1/order_pb.js";
import { Code, RpcError } from "@sampan/core";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { type Desk, openDesk, smsText } from "./desk.fixture.js";
import { settleInterrupted } from "./sending.js";
import { SmsErrors } from "./sms/sms-errors.js";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const fails = (error: Error) => () => Promise.reject(error);
const answers = async () => {};
const statusOf = async (id: string) => (await desk.notice(id)).status;
const noSubscription = MiniProgramErrors.MESSAGE_REFUSED({ platform_code: "43101" });

describe("telling a user", () => {
  test("sends one message for an event, to the user's openid, in the words of the template", async () => {
    for (let i = 0; i < 3; i++) await desk.tell("o1/confirmed");
    const data = { character_string1: "o1", amount2: "¥12.34", phrase3: "已付款" };
    assert.deepEqual(desk.sent, [{ openid: "openid of u", templateId: "tpl-confirmed", data }]);
    assert.equal(await statusOf("o1/confirmed"), "sent");
  });

  test("says what became of the order; a refund says what was given back, and what is not the user's business is not said", async () => {
    await desk.tell("o2/cancelled", { status: OrderStatus.CANCELLED });
    await desk.tell("o2/expired", { status: OrderStatus.EXPIRED });
    await desk.tell("o2/failed", { status: OrderStatus.FAILED });
    const amount = { amount: 5n, currency: "GBP" };
    const refund = create(RefundSchema, { refundId: "r", amount, status: RefundStatus.DONE });
    await desk.tell("o2/refund/r", { status: OrderStatus.CONFIRMED, refund });
    await desk.tell("o2/pending", { status: OrderStatus.PENDING });
    await desk.tell("o2/refunded", { status: OrderStatus.REFUNDED });
    assert.deepEqual(
      desk.sent.map(({ templateId, data }) => `${templateId} ${data.amount2}`),
      ["tpl-cancelled ¥12.34", "tpl-expired ¥12.34", "tpl-failed ¥12.34", "tpl-refunded £0.05"],
    );
  });

  test("has the attempt committed when the platform is asked, with a masked recipient", async () => {
    let committed: unknown;
    desk.platform = async () => {
      committed = [await statusOf("o3/confirmed"), await desk.attempts("o3/confirmed")];
    };
    await desk.tell("o3/confirmed");
    const about = { noticeId: "o3/confirmed", number: 1, channel: "platform", templateVersion: 0, recipient: "o****u" };
    const attempt = { ...about, reason: "", code: "", at: desk.clock.now() };
    assert.deepEqual(committed, ["sending", [{ ...attempt, outcome: "sending" }]]);
    assert.deepEqual(await desk.attempts("o3/confirmed"), [{ ...attempt, outcome: "sent" }]);
  });

  const lost: readonly (readonly [string, Error])[] = [
    ["no answer", MiniProgramErrors.PLATFORM_NO_ANSWER()],
    ["an answer that nobody understands", MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "no JSON" })],
    ["a proxy that does not know", MiniProgramErrors.PLATFORM_BUSY({ platform_code: "HTTP 502" })],
    ["a deadline", new RpcError(Code.DeadlineExceeded, "too late")],
    ["a cancelled call", new RpcError(Code.Canceled, "cancelled")],
    ["an error of the program", new TypeError("undefined is not a function")],
  ];
  for (const [what, error] of lost) {
    test(`marks it unknown after ${what}, and sends it no more, by no channel`, async () => {
      await desk.setText({ sms: smsText });
      desk.phones.set("u", "13812345678");
      desk.platform = fails(error);
      await desk.tell("o/confirmed");
      desk.platform = answers;
      await desk.tell("o/confirmed");
      assert.equal(await statusOf("o/confirmed"), "unknown");
      assert.deepEqual([desk.sent.length, desk.texts.length], [1, 0]);
    });
  }

  const notYet: readonly (readonly [string, Error, number])[] = [
    ["cannot be reached", MiniProgramErrors.PLATFORM_UNREACHABLE(), 500],
    ["is busy", MiniProgramErrors.PLATFORM_BUSY({ platform_code: "-1" }), 500],
    ["has no quota left", MiniProgramErrors.RATE_LIMITED({ platform_code: "45011" }), 60_000],
    ["knows our secret no more", MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS({ platform_code: "40125" }), 500],
  ];
  for (const [what, error, waitMs] of notYet) {
    test(`tries again later when the platform ${what}, and sends it then`, async () => {
      desk.platform = fails(error);
      await desk.tell("o/confirmed");
      const { status, dueAt } = await desk.notice("o/confirmed");
      assert.deepEqual([status, dueAt - desk.clock.now()], ["waiting", waitMs]);
      assert.deepEqual(await desk.store.due(dueAt - 1, 10), []);
      assert.deepEqual(await desk.store.due(dueAt, 10), ["o/confirmed"]);
      desk.platform = answers;
      await desk.deliver("o/confirmed");
      assert.deepEqual([await statusOf("o/confirmed"), desk.sent.length], ["sent", 2]);
      const log = (await desk.attempts("o/confirmed")).map(({ number, outcome, reason }) => [number, outcome, reason]);
      assert.deepEqual(log, [
        [1, "waiting", (error as RpcError).reason],
        [2, "sent", ""],
      ]);
    });
  }

  test("gives up after so many tries, and not before", async () => {
    desk.platform = fails(MiniProgramErrors.PLATFORM_UNREACHABLE());
    await desk.accept("o/confirmed");
    const statuses: string[] = [];
    for (let i = 0; i < 5; i++) {
      await desk.deliver("o/confirmed");
      statuses.push(await statusOf("o/confirmed"));
    }
    assert.deepEqual(statuses, ["waiting", "waiting", "waiting", "given-up", "given-up"]);
    assert.equal(desk.sent.length, 4);
  });

  test("waits while it cannot be asked where a message goes, and counts no try", async () => {
    desk.usersAway = true;
    await desk.tell("o/confirmed");
    const { status, attempts, dueAt } = await desk.notice("o/confirmed");
    assert.deepEqual([status, attempts, dueAt - desk.clock.now()], ["waiting", 0, 5000]);
    desk.usersAway = false;
    await desk.deliver("o/confirmed");
    assert.equal(await statusOf("o/confirmed"), "sent");
  });

  test("keeps the outcome although its own time has run out meanwhile", async () => {
    desk.platform = async () => {
      await desk.clock.advance(60_000);
    };
    await desk.accept("o5/confirmed");
    await assert.rejects(desk.deliver("o5/confirmed"), (error: RpcError) => error.code === Code.DeadlineExceeded);
    await desk.clock.advance(0);
    assert.equal(await statusOf("o5/confirmed"), "sent");
  });
});

describe("a user who did not subscribe", () => {
  test("is told nothing, once, and the notice says why", async () => {
    desk.platform = fails(noSubscription);
    for (let i = 0; i < 2; i++) await desk.tell("o/confirmed");
    const { status, refusal } = await desk.notice("o/confirmed");
    assert.deepEqual([status, refusal, desk.sent.length], ["not-subscribed", "MESSAGE_REFUSED", 1]);
  });

  test("gets a short message when the template has one, and the log has both tries", async () => {
    await desk.setText({ sms: smsText });
    desk.phones.set("u", "13812345678");
    desk.platform = fails(noSubscription);
    await desk.tell("o/confirmed");
    assert.equal(await statusOf("o/confirmed"), "waiting");
    await desk.deliver("o/confirmed");
    const parameters = { order: "o", sum: "¥12.34" };
    const to = { number: "13812345678", countryCode: "86" };
    assert.deepEqual(desk.texts, [{ ...to, signName: "舢板", templateId: "sms-1", parameters }]);
    const log = await desk.attempts("o/confirmed");
    assert.deepEqual(
      log.map(({ channel, outcome, code, recipient }) => [channel, outcome, code, recipient]),
      [
        ["platform", "refused", "43101", "o****u"],
        ["sms", "sent", "", "138****5678"],
      ],
    );
  });

  test("of whom it is known is not asked for at the platform", async () => {
    await desk.setText({ sms: smsText });
    desk.phones.set("u", "13812345678");
    const answers = [{ templateId: "tpl-confirmed", decision: 2 }];
    await desk.as("u", (service) => service.reportSubscriptions({ reportId: "r1", answers }));
    await desk.tell("o/confirmed");
    await desk.deliver("o/confirmed");
    assert.deepEqual([desk.sent.length, desk.texts.length, await statusOf("o/confirmed")], [0, 1, "sent"]);
  });

  test("and has bound no phone is told nothing", async () => {
    await desk.setText({ sms: smsText });
    desk.platform = fails(noSubscription);
    await desk.tell("o/confirmed");
    await desk.deliver("o/confirmed");
    const { status, refusal } = await desk.notice("o/confirmed");
    assert.deepEqual([status, refusal, desk.texts.length], ["refused", "NO_RECIPIENT", 0]);
  });

  test("gets no short message for a mistake in the template", async () => {
    await desk.setText({ sms: smsText });
    desk.phones.set("u", "13812345678");
    desk.platform = fails(MiniProgramErrors.MESSAGE_INVALID({ platform_code: "47003" }));
    await desk.tell("o/confirmed");
    await desk.deliver("o/confirmed");
    assert.deepEqual([await statusOf("o/confirmed"), desk.texts.length], ["refused", 0]);
  });

  test("and whom the platform does not know gets a short message", async () => {
    await desk.setText({ sms: smsText });
    desk.phones.set("stranger", "13912345678");
    await desk.tell("o/confirmed", { userId: "stranger" });
    await desk.deliver("o/confirmed");
    assert.deepEqual([desk.sent.length, desk.texts.length], [0, 1]);
  });

  for (const [what, error, status, texts] of [
    ["is lost: not sent again", SmsErrors.SMS_NO_ANSWER(), "unknown", 1],
    ["meets a quota: sent later", SmsErrors.SMS_QUOTA({ provider_code: "NUMBER_LIMIT_MINUTE" }), "sent", 2],
    ["is refused: the end", SmsErrors.SMS_NUMBER_REFUSED({ provider_code: "NUMBER_BLOCKED" }), "refused", 1],
  ] as const) {
    test(`a short message that ${what}`, async () => {
      await desk.setText({ sms: smsText });
      desk.phones.set("u", "13812345678");
      desk.platform = fails(noSubscription);
      desk.provider = fails(error);
      await desk.tell("o/confirmed");
      await desk.deliver("o/confirmed");
      desk.provider = answers;
      await desk.deliver("o/confirmed");
      assert.deepEqual([await statusOf("o/confirmed"), desk.texts.length], [status, texts]);
    });
  }
});

describe("in quiet hours", () => {
  // The fake clock's day is 2026-01-01 or so: what counts is the time on the wall.
  const untilLocal = async (hour: number): Promise<void> => {
    const local = new Date(desk.clock.now() + 8 * 3_600_000);
    const minutes = local.getUTCHours() * 60 + local.getUTCMinutes();
    await desk.clock.advance(((hour * 60 - minutes + 1440) % 1440) * 60_000);
  };

  test("a message waits till morning, and is sent then", async () => {
    desk.quiet.hours = "22:00-08:00";
    await untilLocal(23);
    await desk.tell("o/confirmed");
    assert.deepEqual([await statusOf("o/confirmed"), desk.sent.length], ["waiting", 0]);
    const { dueAt } = await desk.notice("o/confirmed");
    await untilLocal(8);
    assert.ok(dueAt <= desk.clock.now() && dueAt > desk.clock.now() - 60_000);
    await desk.deliver("o/confirmed");
    assert.equal(await statusOf("o/confirmed"), "sent");
  });

  test("an urgent one passes, and so does one of a template for another part of the world", async () => {
    desk.quiet.hours = "22:00-08:00";
    await untilLocal(23);
    await desk.setText({ urgent: true });
    await desk.tell("o1/confirmed");
    assert.equal(await statusOf("o1/confirmed"), "sent");
    await desk.setText({ urgent: false, timeZone: "America/New_York" });
    await desk.tell("o2/confirmed");
    assert.equal(await statusOf("o2/confirmed"), "sent");
  });

  test("a repetition that falls into them waits too", async () => {
    desk.quiet.hours = "22:00-08:00";
    await untilLocal(21);
    desk.platform = fails(MiniProgramErrors.PLATFORM_UNREACHABLE());
    await desk.tell("o/confirmed");
    desk.platform = answers;
    await untilLocal(22);
    await desk.deliver("o/confirmed");
    assert.deepEqual([await statusOf("o/confirmed"), desk.sent.length], ["waiting", 1]);
  });
});

describe("after a crash", () => {
  const interrupted = () => desk.runtime.run({ name: "test" }, (call) => settleInterrupted(desk.store, call));

  test("attempts of the life before are unknown, all others stay what they are, and none is sent again", async () => {
    await desk.tell("o5/confirmed");
    await desk.accept("o7/confirmed");
    // A process that dies while it waits for the platform leaves this behind.
    desk.platform = () => new Promise(() => {});
    await desk.accept("o6/confirmed");
    desk.deliver("o6/confirmed").catch(() => {});
    for (let turns = 0; (await statusOf("o6/confirmed")) !== "sending"; turns++) {
      assert.ok(turns < 1000, "the attempt was never committed");
      await desk.clock.advance(0);
    }
    assert.equal(await interrupted(), 1);
    assert.equal(await interrupted(), 0);
    assert.deepEqual(
      [await statusOf("o5/confirmed"), await statusOf("o6/confirmed"), await statusOf("o7/confirmed")],
      ["sent", "unknown", "waiting"],
    );
    assert.deepEqual(
      (await desk.attempts("o6/confirmed")).map(({ outcome, reason }) => [outcome, reason]),
      [["unknown", "INTERRUPTED"]],
    );
    desk.platform = answers;
    desk.sent.length = 0;
    await desk.tell("o6/confirmed");
    assert.equal(desk.sent.length, 0);
  });

  test("the permission that an interrupted try has used is used, and that of one that was never sent is not", async () => {
    const answers = [{ templateId: "tpl-confirmed", decision: 1 }];
    for (const reportId of ["a", "b"])
      await desk.as("u", (service) => service.reportSubscriptions({ reportId, answers }));
    desk.platform = fails(MiniProgramErrors.PLATFORM_UNREACHABLE());
    await desk.tell("o1/confirmed");
    const left = async () => (await desk.store.allowed("u", ["tpl-confirmed"])).get("tpl-confirmed");
    assert.equal(await left(), 2);
    desk.platform = fails(MiniProgramErrors.PLATFORM_NO_ANSWER());
    await desk.tell("o2/confirmed");
    assert.equal(await left(), 1);
    desk.platform = fails(noSubscription);
    await desk.tell("o3/confirmed");
    assert.equal(await left(), 0, "the platform knows better than the ledger");
  });

  test("an event that comes again while its message is under way is not sent twice", async () => {
    desk.platform = () => new Promise(() => {});
    await desk.accept("o7/confirmed");
    desk.deliver("o7/confirmed").catch(() => {});
    for (let turns = 0; desk.sent.length === 0 && turns < 1000; turns++) await desk.clock.advance(0);
    await desk.tell("o7/confirmed");
    assert.deepEqual([desk.sent.length, await statusOf("o7/confirmed")], [1, "sending"]);
  });
});
