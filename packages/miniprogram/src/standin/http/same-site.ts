import { json, type Route, type StandinRequest } from "./exchange.js";

/**
 * The same routes, closed to web pages of others: whoever develops here has a browser that also shows foreign pages, and
 * those can send requests to this address. Programs, which send neither header, are let in.
 */
export function sameSiteOnly(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handle: (request, parameters) =>
      isForeign(request)
        ? json(403, { error: "this is for programs and for the stand-in's own page" })
        : route.handle(request, parameters),
  }));
}

function isForeign({ method, headers }: StandinRequest): boolean {
  const host = headers.host ?? "";
  if (isPublicName(host)) return true;
  // Following a link from elsewhere to look at the page does no harm.
  if (method === "GET") return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return headers.origin !== undefined && headers.origin !== `http://${host}`;
}

/**
 * A name that somebody may have pointed at this machine to get past the same-origin rule (DNS rebinding). Such a name
 * has a dot; addresses, `localhost` and the names of containers are not bought.
 */
function isPublicName(host: string): boolean {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (url === undefined) return true;
  const { hostname } = url;
  return hostname.includes(".") && !/^[0-9.]+$/.test(hostname) && !hostname.endsWith(".localhost");
}
