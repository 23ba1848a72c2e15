import { EngineErrors, refusedStatus } from "../errors.js";
import { HttpClient, type HttpClientOptions } from "../http/http-client.js";
import { array, type JsonRecord, number, record, text } from "../json/fields.js";
import { parseJson } from "../json/parse-json.js";
import { type EtcdEvent, type EtcdKeyValue, endOfPrefix, keyValueFrom, toBase64 } from "./etcd-json.js";
import { watchEvents } from "./etcd-watch.js";

export interface EtcdOptions extends Pick<HttpClientOptions, "endpoints" | "tls" | "timeoutMs" | "maxAnswerBytes"> {
  /** With etcd's own users switched on. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
}

export interface EtcdPage {
  readonly entries: readonly EtcdKeyValue[];
  /** The store's revision that all pages of a listing share: watch from the one after it. */
  readonly revision: number;
}

/**
 * etcd 3.4 and later through its JSON gateway (`/v3/…`): no gRPC client, so it works from any thread and in any room.
 * Keys and values are text. Everything here may be repeated without harm but for an orphaned lease, which runs out.
 */
export class EtcdClient {
  readonly #http: HttpClient;
  readonly #user: EtcdOptions["user"];
  #token = "";

  constructor(options: EtcdOptions) {
    this.#user = options.user;
    this.#http = new HttpClient({ ...options, engine: "etcd" });
  }

  /** A new lease; its id. etcd may give it longer than was asked for, not shorter. */
  async grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<string> {
    const id = text((await this.#post("/v3/lease/grant", { TTL: `${ttlSeconds}` }, signal)).ID);
    if (id === "") throw EngineErrors.BAD_ANSWER({ engine: "etcd", why: "a lease without an id" });
    return id;
  }

  /** Seconds that the lease lasts from now on; 0 when it is lost. */
  async keepLease(id: string, signal?: AbortSignal): Promise<number> {
    const { result } = await this.#post("/v3/lease/keepalive", { ID: id }, signal);
    return Math.max(0, number(record(result).TTL) || 0);
  }

  /** Ends a lease and removes its keys. One that is lost already is fine. */
  async revokeLease(id: string, signal?: AbortSignal): Promise<void> {
    await this.#post("/v3/lease/revoke", { ID: id }, signal).catch((error) => {
      if (refusedStatus(error) !== 404) throw error;
    });
  }

  /** False when the lease is lost. */
  async put(key: string, value: string, options: { lease?: string; signal?: AbortSignal } = {}): Promise<boolean> {
    const lease = options.lease === undefined ? {} : { lease: options.lease };
    try {
      await this.#post("/v3/kv/put", { key: toBase64(key), value: toBase64(value), ...lease }, options.signal);
      return true;
    } catch (error) {
      if (options.lease !== undefined && refusedStatus(error) === 404) return false;
      throw error;
    }
  }

  /** Writes only when the key was last changed at that revision; 0: when it is not there. False when it is otherwise. */
  async putIf(
    key: string,
    modRevision: number,
    value: string,
    options: { lease?: string; signal?: AbortSignal } = {},
  ): Promise<boolean> {
    const put = { key: toBase64(key), value: toBase64(value), ...(options.lease ? { lease: options.lease } : {}) };
    const compare = { key: put.key, target: "MOD", result: "EQUAL", mod_revision: `${modRevision}` };
    const body = { compare: [compare], success: [{ request_put: put }] };
    return (await this.#post("/v3/kv/txn", body, options.signal)).succeeded === true;
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#post("/v3/kv/deleterange", { key: toBase64(key) }, signal);
  }

  async get(key: string, signal?: AbortSignal): Promise<EtcdKeyValue | undefined> {
    const answer = await this.#post("/v3/kv/range", { key: toBase64(key) }, signal);
    return array(answer.kvs).map(keyValueFrom)[0];
  }

  /** All keys that begin so, in order, in pages that see the store at one revision. */
  async *list(
    prefix: string,
    options: { pageSize?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<EtcdPage, void> {
    const end = endOfPrefix(prefix);
    let from = toBase64(prefix);
    let revision = 0;
    for (;;) {
      const at = revision === 0 ? {} : { revision: `${revision}` };
      const body = { key: from, range_end: end, limit: `${options.pageSize ?? 500}`, ...at };
      const answer = await this.#post("/v3/kv/range", body, options.signal);
      revision ||= number(record(answer.header).revision) || 0;
      const entries = array(answer.kvs).map(keyValueFrom);
      yield { entries, revision };
      const last = entries.at(-1);
      if (answer.more !== true || last === undefined) return;
      // The smallest key after the last one.
      from = Buffer.concat([Buffer.from(last.key), Buffer.of(0)]).toString("base64");
    }
  }

  /**
   * What changes under a prefix from a revision on, in batches. Fails with `COMPACTED` when the history from there is gone:
   * list anew, then watch. Fails also when the server has lost its leader, and would otherwise stay silent.
   */
  async watch(prefix: string, fromRevision: number, signal: AbortSignal): Promise<AsyncIterable<readonly EtcdEvent[]>> {
    const create_request = {
      key: toBase64(prefix),
      range_end: endOfPrefix(prefix),
      start_revision: `${fromRevision}`,
      progress_notify: true,
      fragment: true,
    };
    const lines = await this.#authorised(() =>
      this.#http.stream({
        method: "POST",
        path: "/v3/watch",
        body: JSON.stringify({ create_request }),
        headers: { ...this.#headers(), "grpc-metadata-hasleader": "true" },
        signal,
      }),
    );
    return watchEvents(lines);
  }

  close(): void {
    this.#http.close();
  }

  async #post(path: string, body: unknown, signal: AbortSignal | undefined): Promise<JsonRecord> {
    return this.#authorised(async () => {
      const answer = await this.#http.request({
        method: "POST",
        path,
        body: JSON.stringify(body),
        headers: this.#headers(),
        signal,
      });
      const parsed = record(parseJson("etcd", answer.body.split("\n", 1)[0] ?? ""));
      const refusal = parsed.error;
      if (answer.status === 200 && refusal === undefined) return parsed;
      throw this.#http.refused(answer.status, text(refusal) || text(record(refusal).message));
    });
  }

  /** Tries once more with a new token when the old one is no longer good. */
  async #authorised<T>(request: () => Promise<T>): Promise<T> {
    if (this.#user === undefined) return request();
    if (this.#token === "") await this.#authenticate();
    try {
      return await request();
    } catch (error) {
      if (refusedStatus(error) !== 401) throw error;
      await this.#authenticate();
      return request();
    }
  }

  async #authenticate(): Promise<void> {
    const path = "/v3/auth/authenticate";
    const answer = await this.#http.request({ method: "POST", path, body: JSON.stringify(this.#user) });
    this.#token = text(record(parseJson("etcd", answer.body)).token);
    if (this.#token === "") throw this.#http.refused(answer.status, "the user or password is wrong");
  }

  #headers(): Record<string, string> {
    const authorization = this.#token === "" ? {} : { authorization: this.#token };
    return { "content-type": "application/json", ...authorization };
  }
}
