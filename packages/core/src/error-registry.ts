import { create } from "@bufbuild/protobuf";
import { ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import type { Code } from "./code.js";
import { detail, RpcError, type RpcErrorOptions } from "./rpc-error.js";

/** What is registered of an error. `docs/errors.md` lists all of them, and a test fails when the two differ. */
export interface ErrorDefinition {
  readonly code: Code;
  /** What happened, for the caller; `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  /** What the caller, or the person who runs the service, can do about it. */
  readonly fix: string;
}

export interface RegisteredError extends ErrorDefinition {
  readonly domain: string;
  readonly reason: string;
}

/** Makes the error; parameters fill the message and travel as `ErrorInfo.metadata`. */
export type ErrorFactory = ((parameters?: Readonly<Record<string, string>>, options?: RpcErrorOptions) => RpcError) & {
  readonly definition: RegisteredError;
  /** Whether a thrown value is this error, in this process or from another. */
  is(thrown: unknown): thrown is RpcError;
};

/** What `defineErrors` gives; a package names it where declarations must be explicit. */
export type Errors<R extends string> = Readonly<Record<R, ErrorFactory>>;

const registered = new Map<string, RegisteredError>();

/**
 * Registers the errors of a domain (`order`, `core`, …) once, at import time.
 *
 *     export const OrderErrors = defineErrors("order", {
 *       OUT_OF_STOCK: { code: Code.FailedPrecondition, message: "not enough of {products}", fix: "order less" },
 *     });
 *     throw OrderErrors.OUT_OF_STOCK({ products: "tea" });
 *
 * Throws `TypeError` when a reason of the domain is registered twice.
 */
export function defineErrors<const R extends string>(
  domain: string,
  definitions: Readonly<Record<R, ErrorDefinition>>,
): Errors<R> {
  const factories = {} as Record<R, ErrorFactory>;
  for (const reason of Object.keys(definitions) as R[]) {
    const key = `${domain}/${reason}`;
    if (registered.has(key)) throw new TypeError(`error ${key} is registered twice`);
    const definition: RegisteredError = { domain, reason, ...definitions[reason] };
    registered.set(key, definition);
    factories[reason] = factoryOf(definition);
  }
  return factories;
}

/** Everything registered in this process, ordered by domain and reason. */
export function registeredErrors(): RegisteredError[] {
  return [...registered.values()].sort((a, b) => (`${a.domain}/${a.reason}` < `${b.domain}/${b.reason}` ? -1 : 1));
}

function factoryOf(definition: RegisteredError): ErrorFactory {
  const { domain, reason, code } = definition;
  const make = (parameters: Readonly<Record<string, string>> = {}, options: RpcErrorOptions = {}): RpcError => {
    const message = definition.message.replace(/\{(\w+)\}/g, (whole, name: string) => parameters[name] ?? whole);
    const info = create(ErrorInfoSchema, { domain, reason, metadata: parameters });
    return new RpcError(code, message, {
      ...options,
      details: [detail(ErrorInfoSchema, info), ...(options.details ?? [])],
    });
  };
  const is = (thrown: unknown): thrown is RpcError => {
    if (!(thrown instanceof RpcError)) return false;
    const info = thrown.info;
    return info?.reason === reason && info.domain === domain;
  };
  return Object.assign(make, { definition, is });
}
