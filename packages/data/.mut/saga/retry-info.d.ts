import type { RpcError } from "@sampan/core";
/**
 * How long the callee asks to wait before a retry (`google.rpc.RetryInfo`), ms; 0 when it does not say or says nonsense.
 * Read by hand, because this package knows no generated code: `RetryInfo { Duration retry_delay = 1 }`,
 * `Duration { int64 seconds = 1; int32 nanos = 2 }`.
 */
export declare function retryAfterMs(error: RpcError): number;
//# sourceMappingURL=retry-info.d.ts.map