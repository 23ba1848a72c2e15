import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Slice = Record<string, unknown> & {
  metadata: { name: string; resourceVersion?: string; labels?: Record<string, string> };
};

interface Change {
  readonly version: number;
  readonly type: string;
  readonly object: Slice;
}

interface Watcher {
  readonly service: string;
  readonly response: ServerResponse;
}

/**
 * A stand-in for the Kubernetes API server, made from its documentation: EndpointSlices with list pages, watches that
 * resume from a resource version, bookmarks, and 410 for a version whose history is gone. It refuses other tokens, paths
 * and parameters.
 */
export class ApiServer {
  readonly #server: Server;
  readonly #slices = new Map<string, Slice>();
  readonly #watchers = new Set<Watcher>();
  #history: Change[] = [];
  #version = 100;
  #oldest = 0;
  token = "first";
  lists = 0;
  watches = 0;
  /** Resource versions that watches have asked to go on from. */
  readonly resumed: number[] = [];
  failWith = 0;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  put(service: string, name: string, content: Record<string, unknown>): void {
    const type = this.#slices.has(name) ? "MODIFIED" : "ADDED";
    const labels = { "kubernetes.io/service-name": service };
    const { metadata, ...rest } = content as { metadata?: { labels?: object } };
    const version = `${++this.#version}`;
    const object = {
      addressType: "IPv4",
      ...rest,
      metadata: { name, resourceVersion: version, labels: { ...labels, ...metadata?.labels } },
    };
    this.#slices.set(name, object);
    this.#record(type, object);
  }

  remove(name: string): void {
    const object = this.#slices.get(name);
    if (object === undefined) return;
    this.#slices.delete(name);
    const metadata = { ...object.metadata, resourceVersion: `${++this.#version}` };
    this.#record("DELETED", { ...object, metadata });
  }

  /** The history up to now is gone. */
  compact(): void {
    this.#oldest = this.#version;
    this.#history = [];
  }

  bookmark(): void {
    const version = `${++this.#version}`;
    for (const { response } of this.#watchers)
      send(response, { type: "BOOKMARK", object: { kind: "EndpointSlice", metadata: { resourceVersion: version } } });
  }

  /** Ends all watches, orderly or with an error in the stream. */
  endWatches(error?: { code: number; message: string }): void {
    for (const watcher of [...this.#watchers]) {
      if (error !== undefined) send(watcher.response, { type: "ERROR", object: { kind: "Status", ...error } });
      watcher.response.end();
      this.#watchers.delete(watcher);
    }
  }

  /** Sends a text as it is into all watches. */
  babble(text: string): void {
    for (const { response } of this.#watchers) response.write(text);
  }

  get watching(): number {
    return this.#watchers.size;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.failWith > 0) {
      refuse(response, this.failWith, "etcdserver: leader changed");
      return;
    }
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      refuse(response, 401, "Unauthorized");
      return;
    }
    const url = new URL(request.url ?? "", "http://api");
    if (url.pathname !== "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices") {
      refuse(response, 403, `cannot list resource at ${url.pathname}`);
      return;
    }
    const query = url.searchParams;
    const service = /^kubernetes\.io\/service-name=([\w.-]+)$/.exec(query.get("labelSelector") ?? "")?.[1];
    if (service === undefined) {
      refuse(response, 400, "unable to parse requirement");
      return;
    }
    if (query.get("watch") === "true") this.#watch(service, query, response);
    else this.#list(service, query, response);
  }

  #list(service: string, query: URLSearchParams, response: ServerResponse): void {
    this.lists++;
    const from = Number(query.get("continue") ?? 0);
    const limit = Number(query.get("limit") ?? 500);
    const all = [...this.#slices.values()].filter((slice) => serviceOf(slice) === service);
    const next = from + limit < all.length ? { continue: `${from + limit}` } : {};
    const metadata = { resourceVersion: `${this.#version}`, ...next };
    response.end(JSON.stringify({ kind: "EndpointSliceList", metadata, items: all.slice(from, from + limit) }));
  }

  #watch(service: string, query: URLSearchParams, response: ServerResponse): void {
    this.watches++;
    const from = Number(query.get("resourceVersion"));
    if (!Number.isInteger(from) || from <= 0) {
      refuse(response, 400, "invalid resourceVersion");
      return;
    }
    this.resumed.push(from);
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (from < this.#oldest) {
      send(response, { type: "ERROR", object: { kind: "Status", code: 410, message: "too old resource version" } });
      response.end();
      return;
    }
    const watcher = { service, response };
    for (const change of this.#history) if (change.version > from) this.#tell(watcher, change);
    this.#watchers.add(watcher);
    response.on("close", () => this.#watchers.delete(watcher));
  }

  #record(type: string, object: Slice): void {
    const change = { version: this.#version, type, object };
    this.#history.push(change);
    for (const watcher of this.#watchers) this.#tell(watcher, change);
  }

  #tell({ service, response }: Watcher, { type, object }: Change): void {
    if (serviceOf(object) === service) send(response, { type, object });
  }
}

function serviceOf(slice: Slice): string | undefined {
  return slice.metadata.labels?.["kubernetes.io/service-name"];
}

function send(response: ServerResponse, event: unknown): void {
  response.write(`${JSON.stringify(event)}\n`);
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.statusCode = code;
  response.end(JSON.stringify({ kind: "Status", status: "Failure", code, message }));
}
