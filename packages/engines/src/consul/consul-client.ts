import { EngineErrors, reasonOf, refusedStatus } from "../errors.js";
import { type HttpAnswer, HttpClient, type HttpClientOptions } from "../http/http-client.js";
import { array, number, record, text } from "../json/fields.js";
import { parseJson } from "../json/parse-json.js";

export interface ConsulOptions extends Pick<HttpClientOptions, "endpoints" | "tls" | "timeoutMs" | "maxAnswerBytes"> {
  /** An ACL token; asked for each request. */
  readonly token?: (() => Promise<string>) | undefined;
  readonly datacenter?: string | undefined;
}

export type ConsulCheckStatus = "passing" | "warning" | "critical";

export interface ConsulService {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly meta: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Consul writes durations as `10s`. At least 1 min after a check became critical the agent removes the service. */
  readonly checks: readonly Readonly<Record<string, string | boolean>>[];
  readonly weight: number;
}

export interface ConsulBlocking {
  /** The answer before; 0 for the first. */
  readonly index: number;
  /** How long the server may hold the request, in ms; Consul adds up to a sixteenth. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ConsulAnswer {
  readonly entries: readonly unknown[];
  /** For the next question. */
  readonly index: number;
}

export interface ConsulKey {
  readonly key: string;
  readonly value: string;
  readonly modifyIndex: number;
}

/**
 * Consul's agent, catalogue and key-value API. A registration belongs to the agent that it was made at: with several
 * endpoints name agents that stand in for each other only if a re-registration at another one is what you want.
 */
export class ConsulClient {
  readonly #http: HttpClient;
  readonly #datacenter: string;

  constructor(options: ConsulOptions) {
    this.#datacenter = options.datacenter ?? "";
    const { token } = options;
    this.#http = new HttpClient({
      ...options,
      engine: "Consul",
      headers: async (): Promise<Record<string, string>> => {
        const held = (await token?.()) ?? "";
        return held === "" ? {} : { "x-consul-token": held };
      },
    });
  }

  /** Registers or replaces; checks that are no longer named are removed. */
  async register(service: ConsulService, signal?: AbortSignal): Promise<void> {
    const body = {
      ID: service.id,
      Name: service.name,
      Address: service.address,
      Port: service.port,
      Meta: service.meta,
      Tags: service.tags,
      Checks: service.checks,
      Weights: { Passing: Math.max(1, service.weight), Warning: 1 },
    };
    await this.#done("PUT", "/v1/agent/service/register?replace-existing-checks=true", signal, JSON.stringify(body));
  }

  /** One that is not there is fine. */
  async deregister(id: string, signal?: AbortSignal): Promise<void> {
    await this.#done("PUT", `/v1/agent/service/deregister/${encodeURIComponent(id)}`, signal, undefined, [404]);
  }

  /** Renews a TTL check; false when the agent does not know it. */
  async updateCheck(id: string, status: ConsulCheckStatus, output: string, signal?: AbortSignal): Promise<boolean> {
    const body = JSON.stringify({ Status: status, Output: output });
    try {
      await this.#done("PUT", `/v1/agent/check/update/${encodeURIComponent(id)}`, signal, body);
      return true;
    } catch (error) {
      // Before 1.11 an unknown check was a 500 with a text that says so.
      if (refusedStatus(error) === 404 || (refusedStatus(error) === 500 && unknownCheck.test(reasonOf(error))))
        return false;
      throw error;
    }
  }

  /** Every instance of a service with all its checks, as soon as something has changed or the wait is over. */
  async health(service: string, blocking: ConsulBlocking): Promise<ConsulAnswer> {
    return this.#blocking(`/v1/health/service/${encodeURIComponent(service)}`, {}, blocking);
  }

  /** Keys that begin so. */
  async keys(prefix: string, blocking: ConsulBlocking): Promise<{ entries: readonly ConsulKey[]; index: number }> {
    const answer = await this.#blocking(`/v1/kv/${path(prefix)}`, { recurse: "true" }, blocking);
    return { index: answer.index, entries: answer.entries.map(keyFrom) };
  }

  /** Writes only when the key was last changed at that index; 0: when it is not there; undefined: in any case. */
  async putKey(key: string, value: string, modifyIndex?: number, signal?: AbortSignal): Promise<boolean> {
    const cas = modifyIndex === undefined ? "" : `?cas=${modifyIndex}`;
    const answer = await this.#done("PUT", `/v1/kv/${path(key)}${cas}`, signal, value);
    return answer.body.trim() === "true";
  }

  async deleteKey(key: string, signal?: AbortSignal): Promise<void> {
    await this.#done("DELETE", `/v1/kv/${path(key)}`, signal);
  }

  close(): void {
    this.#http.close();
  }

  async #blocking(
    at: string,
    query: Readonly<Record<string, string>>,
    blocking: ConsulBlocking,
  ): Promise<ConsulAnswer> {
    const { index, waitMs, signal } = blocking;
    const wait = index > 0 ? { index: `${index}`, wait: `${Math.max(1, Math.round(waitMs))}ms` } : {};
    const full = new URLSearchParams({ ...query, ...(this.#datacenter ? { dc: this.#datacenter } : {}), ...wait });
    const timeoutMs = index > 0 ? waitMs + waitMs / 16 + 5000 : undefined;
    const answer = await this.#http.request({ method: "GET", path: `${at}?${full}`, signal, timeoutMs });
    if (answer.status !== 200 && answer.status !== 404) throw this.#http.refused(answer.status, answer.body);
    const entries = answer.status === 404 ? [] : parseJson("Consul", answer.body);
    if (!Array.isArray(entries)) throw EngineErrors.BAD_ANSWER({ engine: "Consul", why: "it is no list" });
    return { entries: array(entries), index: nextIndex(index, number(answer.headers["x-consul-index"])) };
  }

  async #done(
    method: "PUT" | "DELETE",
    at: string,
    signal: AbortSignal | undefined,
    body?: string,
    alsoFine: readonly number[] = [],
  ): Promise<HttpAnswer> {
    const answer = await this.#send(method, at, signal, body);
    if (answer.status !== 200 && !alsoFine.includes(answer.status))
      throw this.#http.refused(answer.status, answer.body);
    return answer;
  }

  #send(method: "PUT" | "DELETE", at: string, signal: AbortSignal | undefined, body?: string): Promise<HttpAnswer> {
    return this.#http.request({ method, path: at, body: body ?? "", signal });
  }
}

const unknownCheck = /unknown check|does not have associated TTL/i;

/** Consul's rules: an index that goes backwards, or is not above 0, starts anew from 0. */
export function nextIndex(before: number, answered: number): number {
  if (!Number.isSafeInteger(answered) || answered <= 0 || answered < before) return 0;
  return answered;
}

function keyFrom(entry: unknown): ConsulKey {
  const { Key, Value, ModifyIndex } = record(entry);
  const value = Buffer.from(text(Value), "base64").toString("utf8");
  return { key: text(Key), value, modifyIndex: number(ModifyIndex) || 0 };
}

function path(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}
