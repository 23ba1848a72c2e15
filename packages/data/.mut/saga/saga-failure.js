import { Code, RpcError } from "@sampan/core";
import { retryAfterMs } from "./retry-info.js";
/** Retrying such an error gives the same answer: the saga turns back at once. */
const permanent = new Set([
    Code.InvalidArgument,
    Code.NotFound,
    Code.AlreadyExists,
    Code.PermissionDenied,
    Code.FailedPrecondition,
    Code.OutOfRange,
    Code.Unimplemented,
    Code.DataLoss,
    Code.Unauthenticated,
]);
const maxMessage = 2000;
const maxDetailBytes = 16 * 1024;
export function stepError(step, thrown) {
    const error = RpcError.from(thrown);
    let left = maxDetailBytes;
    const details = error.details
        .filter((any) => (left -= any.value.byteLength) >= 0)
        .map((any) => [any.typeUrl, Buffer.from(any.value).toString("base64")]);
    const { code, reason } = error;
    return {
        failure: { step, code, message: error.message.slice(0, maxMessage), reason, details },
        permanent: permanent.has(code),
        retryAfterMs: retryAfterMs(error),
    };
}
/** The error again, to answer a caller with. Its cause stayed in the log. */
export function rpcErrorOf(failure) {
    const details = failure.details.map(([typeUrl, value]) => ({
        $typeName: "google.protobuf.Any",
        typeUrl,
        value: new Uint8Array(Buffer.from(value, "base64")),
    }));
    return new RpcError(failure.code, failure.message, { details });
}
//# sourceMappingURL=saga-failure.js.map