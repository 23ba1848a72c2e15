import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registeredErrors } from "@sampan/core";
import { type Platform, type PlatformOptions, startPlatform } from "../platform/start-platform.js";
import { CallbackRecorder } from "./callback-recorder.fixture.js";

/** A request as bytes: nothing here is checked or put right on the way. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  /** Sent as they are, names twice if they are there twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which each test reads what it expects
type Json = any;

export interface RawAnswer {
  readonly status: number;
  readonly body: Json;
}

/** What a refusal must look like. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  /** Must be among the fields that `BadRequest` names. */
  readonly field?: string;
}

export interface Person {
  readonly token: string;
  readonly userId: string;
}

export const maxBody = 600_000;

export interface DoorOptions {
  readonly process?: Readonly<Record<string, unknown>>;
  /** Settings of other sections. */
  readonly set?: PlatformOptions["set"];
  readonly env?: PlatformOptions["env"];
  readonly run?: PlatformOptions["run"];
}

/** A platform as the outside sees it, with one product of each kind that the tests need, and two people. */
export class Door {
  readonly platform: Platform;
  readonly recorder: CallbackRecorder;
  readonly #data: string;
  readonly #agent = new Agent({ keepAlive: true });
  user: Person = { token: "", userId: "" };
  other: Person = { token: "", userId: "" };
  operator = "";

  private constructor(platform: Platform, recorder: CallbackRecorder, data: string) {
    this.platform = platform;
    this.recorder = recorder;
    this.#data = data;
  }

  /** `process` are settings of the process beside those of the door; `run` is what else `startPlatform` takes. */
  static async open({ process = {}, set = {}, env = {}, run = {} }: DoorOptions = {}): Promise<Door> {
    const data = mkdtempSync(join(tmpdir(), "sampan-bad-input-"));
    const recorder = await CallbackRecorder.listen();
    const platform = await startPlatform({
      data,
      port: 0,
      env,
      run: { signals: false, ...run },
      set: {
        process: { logLevel: "error", adminPort: -1, verifyMessages: true, ...process },
        gateway: { maxBody },
        payment: { notifyUrl: recorder.url },
        ...set,
      },
    });
    const door = new Door(platform, recorder, data);
    door.operator = (
      await door.must(200, door.post("/v1/auth/operator", { key: platform.folder.operatorKey }))
    ).accessToken;
    door.user = await door.login("o-user");
    door.other = await door.login("o-other");
    const price = { amount: "100", currency: "CNY" };
    const pound = { amount: "100", currency: "GBP" };
    const products = [
      { productId: "tea", title: "Tea", price },
      { productId: "rice", title: "Rice", price },
      { productId: "scone", title: "Scone", price: pound },
      { productId: "jade", title: "Jade", price: { amount: "1000000000000000", currency: "CNY" } },
    ];
    await door.must(201, door.post("/v1/products", { products }, door.operator));
    const lines = ["tea", "rice", "scone", "jade"].map((productId) => ({ productId, quantity: "1000000" }));
    for (const idempotencyKey of ["1", "2", "3"]) {
      await door.must(201, door.post("/v1/stock", { lines, idempotencyKey }, door.operator));
    }
    await door.topUp(door.user, "900000000000", "wallet");
    return door;
  }

  async login(openid: string): Promise<Person> {
    const { code } = await onPhone(this.platform.standinUrl, "/_control/login-codes", { openid });
    const { accessToken, userId } = await this.must(200, this.post("/v1/auth/login", { code }));
    return { token: accessToken, userId };
  }

  topUp({ userId }: Person, amount: string, idempotencyKey: string): Promise<Json> {
    const body = { amount: { amount, currency: "CNY" }, idempotencyKey };
    return this.must(201, this.post(`/v1/wallets/${userId}:topUp`, body, this.operator));
  }

  post(path: string, body: unknown, token?: string): Promise<RawAnswer> {
    return this.send({ path, body, headers: token === undefined ? [] : [["Authorization", `Bearer ${token}`]] });
  }

  get(path: string, token?: string): Promise<RawAnswer> {
    return this.send({
      method: "GET",
      path,
      headers: token === undefined ? [] : [["Authorization", `Bearer ${token}`]],
    });
  }

  /** The body of an answer that has this status. */
  async must(status: number, asked: Promise<RawAnswer>): Promise<Json> {
    const answer = await asked;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  }

  send({ method = "POST", path, headers = [], body }: RawRequest): Promise<RawAnswer> {
    const payload = bytesOf(body);
    const all = [...headers, ["Content-Length", String(payload?.length ?? 0)] as const];
    if (payload !== undefined && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
      all.push(["Content-Type", "application/json"]);
    }
    const url = new URL(path, this.platform.url);
    const flat = [["Host", url.host] as const, ...all].flat();
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        url,
        { method, headers: flat as unknown as string[], agent: this.#agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
          });
        },
      );
      request.on("error", reject);
      request.end(payload);
    });
  }

  /** Everything that a request could have written, as an operator reads it. */
  async written(): Promise<unknown> {
    const lists = ["/v1/products", "/v1/admin/orders", "/v1/admin/payments"];
    const pages = await Promise.all(lists.map((path) => this.get(`${path}?pageSize=200`, this.operator)));
    const rest = await Promise.all(
      ["/v1/stock?pageSize=1000", "/v1/admin/ledger"].map((path) => this.get(path, this.operator)),
    );
    const people = await Promise.all([this.user, this.other].map(({ token }) => this.get("/v1/users/me", token)));
    const answers = [...pages, ...rest, ...people];
    for (const { status, body } of answers) assert.equal(status, 200, JSON.stringify(body));
    return answers.map(({ body }) => body);
  }

  /** Sends it; the refusal must be the expected one, and nothing may have been written. */
  async refuses(request: RawRequest, refusal: Refusal): Promise<void> {
    const before = await this.written();
    const answer = await this.send(request);
    checkRefusal(answer, refusal);
    assert.deepEqual(await this.written(), before, "something was written");
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.platform.stop();
    await this.recorder.close();
    rmSync(this.#data, { recursive: true, force: true });
  }

  get data(): string {
    return this.#data;
  }
}

/** HTTP status, canonical code and registered reason fit together, and the field that is wrong is named. */
export function checkRefusal({ status, body }: RawAnswer, refusal: Refusal): void {
  const told = JSON.stringify(body);
  const info = body.details?.find((detail: Json) => detail["@type"] === "type.googleapis.com/google.rpc.ErrorInfo");
  assert.deepEqual({ status, code: body.status, reason: info?.reason }, pick(refusal), told);
  const known = registeredErrors().find(({ domain, reason }) => domain === info.domain && reason === info.reason);
  assert.ok(known !== undefined, `${info.domain}/${info.reason} is not registered`);
  assert.equal(known.code, body.code, `${info.reason} is registered with another code`);
  assert.ok(body.message.length > 0 && body.message.length < 2000, "a message for a person");
  if (refusal.field === undefined) return;
  const bad = body.details.find((detail: Json) => detail["@type"] === "type.googleapis.com/google.rpc.BadRequest");
  const fields = bad?.fieldViolations.map((violation: Json) => violation.field) ?? [];
  assert.ok(fields.includes(refusal.field), `${refusal.field} is not named: ${told}`);
}

function pick({ status, code, reason }: Refusal): Pick<Refusal, "status" | "code" | "reason"> {
  return { status, code, reason };
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Something a person does on the phone, through the stand-in's control interface. */
export async function onPhone(standinUrl: string, path: string, body: unknown): Promise<Json> {
  const answer = await fetch(standinUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.status < 300, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
