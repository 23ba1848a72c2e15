import type { IncomingMessage } from "node:http";
import { type Call, CoreErrors } from "@sampan/core";
import { GatewayErrors } from "../errors.js";

/** Where a body comes from. */
export interface BodySource {
  readonly request: IncomingMessage;
  /** Called before the body is read; not for a body that is refused by its length. */
  askForBody(): void;
}

/** Whether the headers announce a body. */
export function announcesBody(request: IncomingMessage): boolean {
  const { headers } = request;
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

const empty: Buffer = Buffer.alloc(0);

/**
 * The whole body. Rejects with `BODY_TOO_LARGE` as soon as that is certain, with the call's error when it is aborted,
 * and with `CANCELLED` when the client goes away; the rest of the body is then discarded by whoever sends the answer.
 */
export function readBody(parts: BodySource, maxBytes: number, call: Call): Promise<Buffer> {
  const { request } = parts;
  if (!announcesBody(request)) return Promise.resolve(empty);
  const tooLarge = (): Error => GatewayErrors.BODY_TOO_LARGE({ limit: String(maxBytes) });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  parts.askForBody();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) onFail(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    };
    const onFail = (error: Error): void => {
      stop();
      reject(error);
    };
    const onGone = (): void => onFail(CoreErrors.CANCELLED({ method: call.name, why: "the client went away" }));
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    call.onAbort(onFail);
  });
}
