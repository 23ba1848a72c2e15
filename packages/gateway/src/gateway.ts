import type { IncomingMessage, ServerResponse } from "node:http";
import { Edge } from "./edge/edge.js";
import { type GatewayListener, type ListenOptions, listen } from "./edge/listen.js";
import { type GatewayOptions, settingsFrom } from "./options.js";
import { RouteTable } from "./routing/route-table.js";
import { routesOf } from "./routing/routes.js";

/** A route, for people: what `up` prints, what a console lists. */
export interface RouteInfo {
  /** `POST` */
  readonly httpMethod: string;
  /** `/v1/orders/{order_id}:cancel` */
  readonly path: string;
  /** `/order.v1.OrderService/CancelOrder` */
  readonly method: string;
}

/** HTTP/1.1 and JSON in front of services. */
export interface Gateway {
  readonly routes: readonly RouteInfo[];
  /** Requests in work. */
  readonly inFlight: number;
  /** Opens a port with every limit in force. Draining one listener drains the gateway. */
  listen(options?: ListenOptions): Promise<GatewayListener>;
  /** For a server of one's own, whose limits on headers, time and connections are then one's own too. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Compiles the contracts' `google.api.http` annotations into a gateway. Throws `CONTRACT_REFUSED` or
 * `INVALID_OPTIONS`, each listing everything that is wrong.
 */
export function gateway(options: GatewayOptions): Gateway {
  const settings = settingsFrom(options);
  const table = new RouteTable(routesOf(options.services));
  const edge = new Edge(settings, table);
  return {
    routes: table.routes.map(({ httpMethod, template, method }) => ({
      httpMethod,
      path: template.source,
      method: method.path,
    })),
    get inFlight(): number {
      return edge.traffic.inFlight;
    },
    listen: (where = {}) => listen(edge, settings, where),
    handle: (request, response) => edge.accept(request, response, false),
  };
}
