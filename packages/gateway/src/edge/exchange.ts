import type { IncomingMessage, ServerResponse } from "node:http";
import type { RpcError } from "@sampan/core";
import type { TokenClaims } from "@sampan/core/ports";
import type { EnvelopeMode } from "../response/envelope.js";
import type { Route } from "../routing/routes.js";

/**
 * One HTTP request that has a route, and its answer: what the gateway's layers see as the request of a call. Layers
 * may read it; the body belongs to the gateway and is read inside them, so what they time includes it.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly segments: readonly string[];
  readonly query: string;
  readonly envelope: EnvelopeMode;
  /** Who sends it; undefined on public methods. */
  claims: TokenClaims | undefined;
  /** For a signed request: throws when its body is not what was signed. */
  checkBody: ((body: Uint8Array) => void) | undefined;
  /** Why it is refused before its body is read. */
  refusal: RpcError | undefined;
  /** The client waits for `100 Continue` before it sends the body. */
  awaitsContinue: boolean;

  constructor(
    init: Pick<Exchange, "request" | "response" | "route" | "segments" | "query" | "envelope" | "awaitsContinue">,
  ) {
    this.request = init.request;
    this.response = init.response;
    this.route = init.route;
    this.segments = init.segments;
    this.query = init.query;
    this.envelope = init.envelope;
    this.awaitsContinue = init.awaitsContinue;
  }

  /** Tells a client that waits to send the body. */
  askForBody(): void {
    if (this.awaitsContinue) this.response.writeContinue();
    this.awaitsContinue = false;
  }

  /** The client has gone, or has its answer. */
  get over(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }
}
