import { EngineErrors, refusedStatus } from "../errors.js";
import { HttpClient, type HttpClientOptions } from "../http/http-client.js";
import { number, record, text } from "../json/fields.js";
import { parseJson } from "../json/parse-json.js";

export interface NacosOptions extends Pick<HttpClientOptions, "endpoints" | "tls" | "timeoutMs" | "maxAnswerBytes"> {
  /** Empty, the default, is Nacos's `public`. */
  readonly namespace?: string | undefined;
  /** Default `DEFAULT_GROUP`. */
  readonly group?: string | undefined;
  readonly user?: { readonly name: string; readonly password: string } | undefined;
}

export interface NacosInstance {
  readonly ip: string;
  readonly port: number;
  /** Nacos's own scale: 1 is usual, up to 10000. */
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The client API of Nacos 3 over HTTP. Instances are ephemeral: they live as long as they are heard of. */
export class NacosClient {
  readonly #http: HttpClient;
  readonly #options: NacosOptions;
  #token = "";

  constructor(options: NacosOptions) {
    this.#options = options;
    this.#http = new HttpClient({ ...options, engine: "Nacos" });
  }

  /** Registers or replaces. */
  async register(service: string, instance: NacosInstance, signal?: AbortSignal): Promise<void> {
    await this.#call("POST", "/nacos/v3/client/ns/instance", instanceForm(service, instance), signal);
  }

  /** A heartbeat; false when the server does not know the instance, which must be registered anew then. */
  async beat(service: string, instance: NacosInstance, signal?: AbortSignal): Promise<boolean> {
    const form = { ...instanceForm(service, instance), heartBeat: "true" };
    try {
      await this.#call("POST", "/nacos/v3/client/ns/instance", form, signal);
      return true;
    } catch (error) {
      if (refusedStatus(error) === 404) return false;
      throw error;
    }
  }

  async deregister(service: string, instance: NacosInstance, signal?: AbortSignal): Promise<void> {
    await this.#call("DELETE", "/nacos/v3/client/ns/instance", instanceForm(service, instance), signal);
  }

  /** Every instance, also those that are not healthy. */
  async instances(service: string, signal?: AbortSignal): Promise<readonly unknown[]> {
    const found = await this.#call("GET", "/nacos/v3/client/ns/instance/list", { serviceName: service }, signal);
    if (!Array.isArray(found)) throw EngineErrors.BAD_ANSWER({ engine: "Nacos", why: "the instances are no list" });
    return found;
  }

  /** A configuration's content and MD5; undefined when there is none. */
  async config(dataId: string, signal?: AbortSignal): Promise<{ content: string; md5: string } | undefined> {
    try {
      const found = record(await this.#call("GET", "/nacos/v3/client/cs/config", { dataId }, signal));
      return { content: text(found.content), md5: text(found.md5) };
    } catch (error) {
      if (refusedStatus(error) === 404) return undefined;
      throw error;
    }
  }

  async publishConfig(dataId: string, content: string, signal?: AbortSignal): Promise<void> {
    await this.#call("POST", "/nacos/v3/admin/cs/config", { dataId, content }, signal);
  }

  close(): void {
    this.#http.close();
  }

  /** Nacos wraps its answers: `{code: 0, message, data}`. */
  async #call(
    method: "GET" | "POST" | "DELETE",
    path: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { namespace, group } = this.#options;
    const scope = { namespaceId: namespace || "public", groupName: group ?? "DEFAULT_GROUP" };
    const form = new URLSearchParams({ ...scope, ...fields }).toString();
    const send = async (): Promise<unknown> => {
      const body = method === "POST" ? { path, body: form } : { path: `${path}?${form}` };
      const answer = await this.#http.request({ method, ...body, headers: this.#headers(), signal });
      return this.#unwrap(answer.status, answer.body);
    };
    if (this.#options.user === undefined) return send();
    if (this.#token === "") await this.#login();
    return send().catch(async (error) => {
      if (refusedStatus(error) !== 401 && refusedStatus(error) !== 403) throw error;
      await this.#login();
      return send();
    });
  }

  #unwrap(status: number, body: string): unknown {
    if (status !== 200 && !body.startsWith("{")) throw this.#http.refused(status, body);
    const { code, message, data } = record(parseJson("Nacos", body));
    if (status === 200 && number(code) === 0) return data;
    throw this.#http.refused(isMissing(number(code)) ? 404 : status, `${text(message)} ${text(data)}`);
  }

  async #login(): Promise<void> {
    const { name = "", password = "" } = this.#options.user ?? {};
    const body = new URLSearchParams({ username: name, password }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#http.request({ method: "POST", path: "/nacos/v3/auth/user/login", body, headers });
    if (answer.status !== 200) throw this.#http.refused(answer.status, answer.body);
    this.#token = text(record(parseJson("Nacos", answer.body)).accessToken);
  }

  #headers(): Record<string, string> {
    const token = this.#token === "" ? {} : { accesstoken: this.#token };
    return { "content-type": "application/x-www-form-urlencoded", ...token };
  }
}

/** Nacos's own codes for a configuration and for an instance that is not there. */
function isMissing(code: number): boolean {
  return code === 20_004 || code === 21_003;
}

function instanceForm(service: string, instance: NacosInstance): Record<string, string> {
  return {
    serviceName: service,
    ip: instance.ip,
    port: `${instance.port}`,
    weight: `${instance.weight}`,
    ephemeral: "true",
    healthy: "true",
    enabled: "true",
    metadata: JSON.stringify(instance.metadata),
  };
}
