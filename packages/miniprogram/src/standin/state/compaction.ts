import type { StandinEvent } from "./events.js";

/** The platform refunds for a year; after that nobody can ask for anything about an order but to see it. */
const orderMs = 400 * 86_400_000;
/** Messages are kept for people and tests to look at. */
const messageMs = 30 * 86_400_000;

interface OrderMarks {
  /** When something last happened to it, or will. */
  lastAt: number;
  refundOutcome: number;
}

/**
 * Which events of a journal still matter. Decides only: `see` every event in order, then ask `kept` for every event in
 * the same order. The fold over what is kept is the fold over all, but for what has expired: codes, sessions that were
 * replaced, old tokens, messages of last month, orders of last year, all but the last delivery of callbacks that were
 * taken. An event that is not named here is kept.
 */
export class Compaction {
  readonly #now: number;
  readonly #last = new Map<string, number>();
  readonly #codes = new Set<string>();
  readonly #tokens: number[] = [];
  readonly #granted = new Map<string, number>();
  readonly #orders = new Map<string, OrderMarks>();
  readonly #settledDeliveries = new Set<string>();
  readonly #refundsKept = new Set<string>();
  readonly #vendors = new Map<string, Compaction>();
  #seen = 0;
  #asked = 0;

  constructor(now: number) {
    this.#now = now;
  }

  see(event: StandinEvent): void {
    const index = this.#seen++;
    const only = lastOfItsKind(event);
    if (only !== undefined) this.#last.set(only, index);
    switch (event.type) {
      case "vendor":
        this.#vendor(event.vendor).see(event.event);
        break;
      case "login-code":
      case "phone-code":
        if (event.expiresAt > this.#now) this.#codes.add(event.code);
        break;
      case "login":
        this.#last.set(`session ${event.openid}`, index);
        break;
      case "token":
        this.#tokens.push(index);
        break;
      case "grant":
        this.#grant(event, event.count);
        break;
      case "message":
        if (!this.#isRecent(event.at)) this.#grant(event, -1);
        break;
      default:
        this.#seeOrder(event, index);
    }
  }

  /** The event, or another in its place; undefined when it is dead. */
  kept(event: StandinEvent): StandinEvent | undefined {
    const index = this.#asked++;
    const only = lastOfItsKind(event);
    if (only !== undefined && this.#last.get(only) !== index) return undefined;
    switch (event.type) {
      case "vendor": {
        const inner = this.#vendor(event.vendor).kept(event.event);
        return inner === undefined ? undefined : inner === event.event ? event : { ...event, event: inner };
      }
      case "login-code":
      case "phone-code":
      case "phone-code-used":
        return this.#codes.has(event.code) ? event : undefined;
      case "login":
        return this.#codes.has(event.code) || this.#last.get(`session ${event.openid}`) === index ? event : undefined;
      case "token":
      case "tokens-limited":
        return index >= (this.#tokens.at(-2) ?? 0) ? event : undefined;
      case "grant":
        return this.#netGrant(event);
      case "message":
        return this.#isRecent(event.at) ? event : undefined;
      case "platform-certificate":
        return event.expiresAt > this.#now ? event : undefined;
      case "bill-plant":
        return index > (this.#last.get("bill-plants-cleared") ?? -1) ? event : undefined;
      default:
        return this.#keptOrder(event, index);
    }
  }

  #vendor(name: string): Compaction {
    let vendor = this.#vendors.get(name);
    if (vendor === undefined) this.#vendors.set(name, (vendor = new Compaction(this.#now)));
    return vendor;
  }

  #isRecent(at: number): boolean {
    return at > this.#now - messageMs;
  }

  #grant({ openid, templateId }: { openid: string; templateId: string }, count: number): void {
    const key = `${openid} ${templateId}`;
    this.#granted.set(key, (this.#granted.get(key) ?? 0) + count);
  }

  /** The first grant of a kind stands for all of them, less the messages that are forgotten. */
  #netGrant(event: StandinEvent & { type: "grant" }): StandinEvent | undefined {
    const key = `${event.openid} ${event.templateId}`;
    const count = this.#granted.get(key);
    this.#granted.delete(key);
    if (count === undefined || count === 0) return undefined;
    return count === event.count ? event : { ...event, count };
  }

  #seeOrder(event: StandinEvent, index: number): void {
    if (!("outTradeNo" in event) || event.type === "bill-plant") return;
    let marks = this.#orders.get(event.outTradeNo);
    if (marks === undefined) this.#orders.set(event.outTradeNo, (marks = { lastAt: 0, refundOutcome: -1 }));
    marks.lastAt = Math.max(marks.lastAt, timeOf(event));
    if (event.type === "refund-outcome") marks.refundOutcome = index;
    if (event.type === "refund") marks.refundOutcome = -1;
    if (event.type === "delivery" && event.nextAt === 0) this.#settledDeliveries.add(noticeOf(event));
  }

  #keptOrder(event: StandinEvent, index: number): StandinEvent | undefined {
    if (event.type === "refund-settled") {
      return this.#refundsKept.has(event.outRefundNo) ? event : undefined;
    }
    if (!("outTradeNo" in event) || event.type === "bill-plant") return event;
    const marks = this.#orders.get(event.outTradeNo);
    if (marks === undefined || marks.lastAt <= this.#now - orderMs) return undefined;
    if (event.type === "refund") this.#refundsKept.add(event.outRefundNo);
    if (event.type === "refund-outcome") return marks.refundOutcome === index ? event : undefined;
    if (event.type !== "delivery" || event.nextAt === 0) return event;
    return this.#settledDeliveries.has(noticeOf(event)) ? undefined : event;
  }
}

/** Of these only the last one counts. */
function lastOfItsKind(event: StandinEvent): string | undefined {
  switch (event.type) {
    case "blocked":
      return `blocked ${event.openid}`;
    case "session":
      return `session ${event.openid}`;
    case "template":
      return `template ${event.templateId}`;
    case "push-address":
    case "signing":
    case "bill-plants-cleared":
      return event.type;
    default:
      return undefined;
  }
}

function noticeOf({ outTradeNo, outRefundNo }: { outTradeNo: string; outRefundNo?: string }): string {
  return `${outTradeNo} ${outRefundNo ?? ""}`;
}

function timeOf(event: StandinEvent): number {
  switch (event.type) {
    case "order":
      return Math.max(event.createdAt, event.expiresAt);
    case "paid":
      return event.paidAt;
    case "refund":
      return Math.max(event.createdAt, event.settlesAt);
    case "delivery":
      return Math.max(event.at, event.nextAt);
    case "prepay":
    case "order-expired":
      return event.at;
    default:
      return 0;
  }
}
