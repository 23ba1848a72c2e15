import { CommandError } from "../command/command-error.js";
import { JsonClient } from "./json-client.js";

/** The parts of a mini program that a person's phone does, played through the stand-in's control interface. */
export class StandinClient {
  readonly #http: JsonClient;

  constructor(url: string, connections?: number) {
    this.#http = new JsonClient(url, connections);
  }

  /** What `wx.login` gives to this user. */
  async loginCode(openid: string): Promise<string> {
    return (await this.#control<{ code: string }>("/_control/login-codes", { openid })).code;
  }

  /** The user allows so many messages of a template. */
  async allowMessages(openid: string, templateId: string, count: number): Promise<void> {
    await this.#control("/_control/subscriptions", { openid, templateId, count });
  }

  /** The user pays; resolves when the signed callback was answered. Gives its HTTP status. */
  async pay(prepayId: string): Promise<number> {
    return (await this.#control<{ callbackStatus: number }>("/_control/pay", { prepayId })).callbackStatus;
  }

  /** Sends the callback of a paid order again. Gives its HTTP status. */
  async repeatCallback(outTradeNo: string): Promise<number> {
    return (await this.#control<{ callbackStatus: number }>(`/_control/orders/${outTradeNo}/callback`, {}))
      .callbackStatus;
  }

  /** Messages that reached the user. */
  async messages(openid: string): Promise<readonly unknown[]> {
    const { body } = await this.#http.get(`/_control/messages?openid=${encodeURIComponent(openid)}`);
    return (body as { messages: unknown[] }).messages;
  }

  close(): void {
    this.#http.close();
  }

  async #control<T>(path: string, body: unknown): Promise<T> {
    const answer = await this.#http.post(path, body);
    if (answer.status >= 300) {
      throw new CommandError(`the stand-in answered ${answer.status} to ${path}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body as T;
  }
}
