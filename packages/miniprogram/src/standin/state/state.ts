import type { Delivery, OrderTerms, Payment, RefundTerms, SentMessage, StandinEvent } from "./events.js";

export interface User {
  readonly openid: string;
  readonly unionId: string;
  blocked: boolean;
  sessionKey: string;
}

export interface LoginCode {
  readonly openid: string;
  readonly expiresAt: number;
  used: boolean;
}

export interface AccessTokenEntry {
  readonly token: string;
  expiresAt: number;
}

export interface Order extends OrderTerms {
  payment: Payment | undefined;
  closed: boolean;
  /** How often the user said no. */
  refusals: number;
  readonly refunds: RefundTerms[];
  readonly deliveries: Delivery[];
}

/** Expired codes are forgotten when there are more codes than this. */
const manyCodes = 10_000;

/** What the stand-in knows. Changed by `apply` alone; read by everything. */
export class StandinState {
  readonly users: Map<string, User> = new Map();
  readonly loginCodes: Map<string, LoginCode> = new Map();
  /** The newest last; at most two are valid at a time. */
  tokens: AccessTokenEntry[] = [];
  readonly templates: Map<string, readonly string[]> = new Map();
  /** Granted messages that were not sent yet, by `openid templateId`. */
  readonly grants: Map<string, number> = new Map();
  readonly messages: Map<string, SentMessage[]> = new Map();
  readonly orders: Map<string, Order> = new Map();
  readonly ordersByPrepayId: Map<string, Order> = new Map();
  readonly refunds: Map<string, RefundTerms> = new Map();
  #forgetAt = manyCodes;

  apply(event: StandinEvent): void {
    switch (event.type) {
      case "user":
        this.users.set(event.openid, { openid: event.openid, unionId: event.unionId, blocked: false, sessionKey: "" });
        break;
      case "blocked":
        this.#user(event.openid).blocked = event.blocked;
        break;
      case "login-code":
        this.#forgetCodes(event.createdAt);
        this.loginCodes.set(event.code, { openid: event.openid, expiresAt: event.expiresAt, used: false });
        break;
      case "login": {
        const code = this.loginCodes.get(event.code);
        if (code !== undefined) code.used = true;
        this.#user(event.openid).sessionKey = event.sessionKey;
        break;
      }
      case "token":
        this.tokens = [...this.tokens.slice(-1), { token: event.token, expiresAt: event.expiresAt }];
        break;
      case "tokens-limited":
        for (const token of this.tokens) token.expiresAt = Math.min(token.expiresAt, event.expiresAt);
        break;
      case "template":
        this.templates.set(event.templateId, event.keywords);
        break;
      case "grant":
        this.#grant(event.openid, event.templateId, event.count);
        break;
      case "message":
        this.#grant(event.openid, event.templateId, -1);
        this.#keepMessage(event);
        break;
      case "order": {
        const order: Order = { ...event, payment: undefined, closed: false, refusals: 0, refunds: [], deliveries: [] };
        this.orders.set(event.outTradeNo, order);
        this.ordersByPrepayId.set(event.prepayId, order);
        break;
      }
      case "user-refused":
        this.#order(event.outTradeNo).refusals++;
        break;
      case "paid":
        this.#order(event.outTradeNo).payment = event;
        break;
      case "closed":
        this.#order(event.outTradeNo).closed = true;
        break;
      case "refund":
        this.refunds.set(event.outRefundNo, event);
        this.#order(event.outTradeNo).refunds.push(event);
        break;
      case "delivery":
        this.#order(event.outTradeNo).deliveries.push(event);
        break;
    }
  }

  granted(openid: string, templateId: string): number {
    return this.grants.get(`${openid} ${templateId}`) ?? 0;
  }

  #grant(openid: string, templateId: string, count: number): void {
    this.grants.set(`${openid} ${templateId}`, this.granted(openid, templateId) + count);
  }

  #keepMessage(message: SentMessage): void {
    const messages = this.messages.get(message.openid);
    if (messages === undefined) this.messages.set(message.openid, [message]);
    else messages.push(message);
  }

  #user(openid: string): User {
    const user = this.users.get(openid);
    if (user === undefined) throw new Error("the journal speaks of a user that it does not know");
    return user;
  }

  #order(outTradeNo: string): Order {
    const order = this.orders.get(outTradeNo);
    if (order === undefined) throw new Error("the journal speaks of an order that it does not know");
    return order;
  }

  #forgetCodes(now: number): void {
    if (this.loginCodes.size < this.#forgetAt) return;
    for (const [code, entry] of this.loginCodes) if (entry.expiresAt <= now) this.loginCodes.delete(code);
    this.#forgetAt = Math.max(manyCodes, this.loginCodes.size * 2);
  }
}
