import { readFile } from "node:fs/promises";
import { HttpClient, type HttpClientOptions } from "../http/http-client.js";
import { type JsonRecord, number, record, text } from "../json/fields.js";
import { parseJson } from "../json/parse-json.js";

export interface KubernetesOptions extends Pick<HttpClientOptions, "endpoints" | "timeoutMs" | "maxAnswerBytes"> {
  /** Read for each request: the kubelet replaces the token about every hour. */
  readonly tokenFile?: string | undefined;
  /** PEM; read for each connection. */
  readonly caFile?: string | undefined;
}

/** Where a pod finds its token, its authority and its namespace. */
export const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a pod's environment names it; undefined outside a cluster. */
export function inCluster(environment: Readonly<Record<string, string | undefined>>): KubernetesOptions | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) return undefined;
  return {
    endpoints: [`https://${host.includes(":") ? `[${host}]` : host}:${port}`],
    tokenFile: `${serviceAccountFolder}/token`,
    caFile: `${serviceAccountFolder}/ca.crt`,
  };
}

/** A line of a watch: `ADDED`, `MODIFIED`, `DELETED` or `BOOKMARK` with the object. */
export interface KubernetesEvent {
  readonly type: string;
  readonly object: JsonRecord;
}

/** Lists and watches any resource of the Kubernetes API. `REFUSED` with 410: the history is gone, list anew. */
export class KubernetesClient {
  readonly #http: HttpClient;

  constructor(options: KubernetesOptions) {
    const { tokenFile, caFile } = options;
    this.#http = new HttpClient({
      ...options,
      engine: "Kubernetes",
      headers: async (): Promise<Record<string, string>> =>
        tokenFile === undefined ? {} : { authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` },
      tls: async () => (caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") }),
    });
  }

  async get(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<JsonRecord> {
    const full = `${path}?${new URLSearchParams(query)}`;
    const answer = await this.#http.request({ method: "GET", path: full, signal });
    if (answer.status !== 200) throw this.#http.refused(answer.status, messageOf(answer.body));
    return record(parseJson("Kubernetes", answer.body));
  }

  /** The changes from a resource version on. The server ends a watch by itself after some minutes: that is no failure. */
  async *watch(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<KubernetesEvent, void> {
    const full = `${path}?${new URLSearchParams({ ...query, watch: "true", allowWatchBookmarks: "true" })}`;
    for await (const line of await this.#http.stream({ method: "GET", path: full, signal })) {
      const { type, object } = record(parseJson("Kubernetes", line));
      const found = record(object);
      if (type === "ERROR") throw this.#http.refused(number(found.code) || 500, text(found.message));
      yield { type: text(type), object: found };
    }
  }

  close(): void {
    this.#http.close();
  }
}

/** Refusals are `Status` objects with a message. */
function messageOf(body: string): string {
  try {
    return text(record(JSON.parse(body)).message) || body;
  } catch {
    return body;
  }
}
