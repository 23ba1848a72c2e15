import type { NewSession, PushAddress, SentMessage, StandinEvent } from "./events.js";
import { type Order, PayState, type RefundEntry } from "./pay-state.js";

export interface User {
  readonly openid: string;
  readonly unionId: string;
  blocked: boolean;
  sessionKey: string;
  sessionExpiresAt: number;
}

export interface LoginCode {
  readonly openid: string;
  readonly expiresAt: number;
  used: boolean;
}

export interface PhoneCode extends LoginCode {
  readonly phoneNumber: string;
}

export interface AccessTokenEntry {
  readonly token: string;
  expiresAt: number;
}

/** Expired codes are forgotten when there are more codes than this. */
const manyCodes = 10_000;

/** What the stand-in knows. Changed by `apply` alone; read by everything. */
export class StandinState {
  readonly users: Map<string, User> = new Map();
  readonly loginCodes: Map<string, LoginCode> = new Map();
  readonly phoneCodes: Map<string, PhoneCode> = new Map();
  pushAddress: PushAddress | undefined;
  /** The newest last; at most two are valid at a time. */
  tokens: AccessTokenEntry[] = [];
  readonly templates: Map<string, readonly string[]> = new Map();
  /** Granted messages that were not sent yet, by `openid templateId`. */
  readonly grants: Map<string, number> = new Map();
  readonly messages: Map<string, SentMessage[]> = new Map();
  readonly pay: PayState = new PayState();
  readonly orders: ReadonlyMap<string, Order> = this.pay.orders;
  readonly refunds: ReadonlyMap<string, RefundEntry> = this.pay.refunds;
  readonly #vendors: Map<string, StandinState> = new Map();
  #forgetAt = manyCodes;

  /** The state of another vendor, which knows nothing of this one's. */
  vendor(name: string): StandinState {
    let state = this.#vendors.get(name);
    if (state === undefined) {
      state = new StandinState();
      this.#vendors.set(name, state);
    }
    return state;
  }

  apply(event: StandinEvent): void {
    switch (event.type) {
      case "user":
        this.users.set(event.openid, {
          openid: event.openid,
          unionId: event.unionId,
          blocked: false,
          sessionKey: "",
          sessionExpiresAt: 0,
        });
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
        this.#session(event);
        break;
      }
      case "session":
        this.#session(event);
        break;
      case "phone-code": {
        const { openid, phoneNumber, expiresAt } = event;
        this.#forgetCodes(event.createdAt);
        this.phoneCodes.set(event.code, { openid, phoneNumber, expiresAt, used: false });
        break;
      }
      case "phone-code-used": {
        const code = this.phoneCodes.get(event.code);
        if (code !== undefined) code.used = true;
        break;
      }
      case "push-address":
        this.pushAddress = event.url === "" ? undefined : event;
        break;
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
      case "vendor":
        this.vendor(event.vendor).apply(event.event);
        break;
      default:
        this.pay.apply(event);
    }
  }

  granted(openid: string, templateId: string): number {
    return this.grants.get(`${openid} ${templateId}`) ?? 0;
  }

  #session({ openid, sessionKey, expiresAt = Number.POSITIVE_INFINITY }: NewSession): void {
    const user = this.#user(openid);
    user.sessionKey = sessionKey;
    user.sessionExpiresAt = expiresAt;
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

  #forgetCodes(now: number): void {
    if (this.loginCodes.size + this.phoneCodes.size < this.#forgetAt) return;
    for (const codes of [this.loginCodes, this.phoneCodes]) {
      for (const [code, entry] of codes) if (entry.expiresAt <= now) codes.delete(code);
    }
    this.#forgetAt = Math.max(manyCodes, (this.loginCodes.size + this.phoneCodes.size) * 2);
  }
}
