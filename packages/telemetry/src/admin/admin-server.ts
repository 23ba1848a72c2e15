import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "@sampan/core/ports";
import type { Health } from "../health/health.js";
import type { MetricsRegistry } from "../metrics/registry.js";
import type { RingTracer } from "../traces/ring-tracer.js";
import type { AdminAnswer, AdminPage } from "./admin-page.js";
import { healthPages } from "./health-pages.js";
import { metricsPage } from "./metrics-page.js";
import { tracesPage } from "./traces-page.js";

export interface AdminServerOptions {
  /** Default `127.0.0.1`: what is shown here is not for everybody. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly health: Health;
  readonly meter?: MetricsRegistry;
  readonly tracer?: RingTracer;
  /** More pages, such as rules or settings. */
  readonly pages?: readonly AdminPage[];
  /** Told of pages that fail. */
  readonly logger?: Logger;
}

/** The admin port, open. It answers until it is closed, also while the process drains. */
export interface AdminServer {
  /** `http://127.0.0.1:9090` */
  readonly url: string;
  readonly port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Opens the admin port. Rejects with Node's own error when it cannot, such as `EADDRINUSE`. */
export async function adminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host = "127.0.0.1", port = 0, health, meter, tracer, logger } = options;
  const pages = new Map<string, AdminPage>();
  const offered = [
    ...healthPages(health),
    ...(meter === undefined ? [] : [metricsPage(meter)]),
    ...(tracer === undefined ? [] : [tracesPage(tracer)]),
    ...(options.pages ?? []),
  ];
  for (const page of offered) pages.set(page.path, page);
  pages.set("/", indexPage([...pages.values()]));

  // Nobody needs much here, and a forgotten client must not hold anything for long.
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000 });
  server.maxConnections = 64;
  const local = isLoopback(host);
  server.on("request", (request, response) => {
    answer(request, pages, local).then(
      (result) => send(request, response, result),
      (error: unknown) => {
        logger?.error("an admin page failed", { path: request.url, error });
        send(request, response, text(500, "this page failed; the log says why"));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  pages: ReadonlyMap<string, AdminPage>,
  local: boolean,
): Promise<AdminAnswer> {
  // A web page whose own name is made to point at this machine ("DNS rebinding") comes with that name.
  if (local && !isLoopback((request.headers.host ?? "").replace(/:\d+$/, "")))
    return text(403, "use the address 127.0.0.1");
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "only GET and HEAD");
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const page = pages.get(path);
  return page === undefined
    ? text(404, `no such page; see / for those there are`)
    : page.answer(new URLSearchParams(query));
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body }: AdminAnswer): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function indexPage(pages: readonly AdminPage[]): AdminPage {
  const rows = pages.map(
    ({ path, doc }) => `<li><a href="${escapeHtml(path)}">${escapeHtml(path)}</a> ${escapeHtml(doc)}</li>`,
  );
  const body = `<!doctype html><meta charset="utf-8"><title>Sampan</title><h1>Sampan admin</h1><ul>${rows.join("")}</ul>\n`;
  return {
    path: "/",
    doc: "this list",
    answer: () => ({ status: 200, contentType: "text/html; charset=utf-8", body }),
  };
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
}

function text(status: number, body: string): AdminAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${body}\n` };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
