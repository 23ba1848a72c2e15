import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyIs, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ErrorInfo, ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { Code, codeName } from "./code.js";
import type { Metadata } from "./metadata.js";

/** What an `RpcError` may carry beside its code and message. */
export interface RpcErrorOptions {
  /** Packed details (`google.rpc.*` or the service's own messages); see `detail()`. */
  readonly details?: readonly Any[];
  /** What went wrong underneath. Stays in the process: never sent, only logged. */
  readonly cause?: unknown;
  /**
   * Trailing metadata to send with the error, behind the call's `responseTrailers`. The caller finds all of it in the
   * trailers of its call and not here, so that an error that is thrown on does not carry it another hop.
   */
  readonly metadata?: Metadata;
}

/**
 * The one error that crosses a call. Everything that a handler throws is turned into one by `RpcError.from`.
 *
 * The message and the details are for the caller; `cause` is for the log of this process and is never sent.
 * Codes mean what gRPC says they mean; a registered error (see `defineErrors`) also names its reason.
 */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: Code;
  readonly details: readonly Any[];
  readonly metadata: Metadata | undefined;

  constructor(code: Code, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.metadata = options.metadata;
  }

  /**
   * Any thrown value as an `RpcError`. An `RpcError` is returned as it is, unless its code is `OK`, which is no error;
   * an abort becomes `Canceled`; everything else becomes `fallback` (default `Internal`) with a message that gives
   * nothing away, the thrown value as cause.
   */
  static from(thrown: unknown, fallback: Code = Code.Internal): RpcError {
    if (thrown instanceof RpcError && thrown.code !== Code.OK) return thrown;
    if (thrown instanceof Error && thrown.name === "AbortError") {
      return new RpcError(Code.Canceled, "the call was cancelled", { cause: thrown });
    }
    return new RpcError(fallback, "internal error: see the log of the service by this call's trace id", {
      cause: thrown,
    });
  }

  /** The first detail of a type, decoded; undefined when there is none or it does not decode. */
  findDetail<D extends DescMessage>(schema: D): MessageShape<D> | undefined {
    for (const any of this.details) {
      if (!anyIs(any, schema)) continue;
      try {
        return anyUnpack(any, schema) as MessageShape<D> | undefined;
      } catch {
        return undefined;
      }
    }
    return undefined;
  }

  /** The `google.rpc.ErrorInfo` of a registered error. */
  get info(): ErrorInfo | undefined {
    return this.findDetail(ErrorInfoSchema);
  }

  /** The registered reason, such as `OUT_OF_STOCK`; empty for an error that is not registered. */
  get reason(): string {
    return this.info?.reason ?? "";
  }

  override toString(): string {
    return `RpcError [${codeName(this.code)}]: ${this.message}`;
  }
}

/** Packs a message as an error detail. */
export function detail<D extends DescMessage>(schema: D, message: MessageShape<D>): Any {
  return anyPack(schema, message);
}
