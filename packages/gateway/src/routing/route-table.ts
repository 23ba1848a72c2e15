import { type Found, Router } from "./router.js";
import type { Route } from "./routes.js";

/** All routes, with what HTTP says of methods: HEAD is answered by GET, and a known path tells which methods it has. */
export class RouteTable {
  readonly routes: readonly Route[];
  readonly #router = new Router<Route>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) this.#router.add(route.httpMethod, route.template, route);
  }

  find(httpMethod: string, path: string): Found<Route> | undefined {
    const found = this.#router.find(httpMethod, path);
    return found === undefined && httpMethod === "HEAD" ? this.#router.find("GET", path) : found;
  }

  /** The `Allow` header of a path; undefined for a path that nothing has. */
  allow(path: string): string | undefined {
    const allowed = new Set(this.#router.allowed(path));
    if (allowed.size === 0) return undefined;
    if (allowed.has("GET")) allowed.add("HEAD");
    return [...allowed.add("OPTIONS")].sort().join(", ");
  }
}
