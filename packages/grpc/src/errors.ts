import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "RESERVED_METADATA"
  | "BAD_TARGET"
  | "BAD_MESSAGE"
  | "BAD_RESPONSE"
  | "BAD_COMPRESSION"
  | "UNSUPPORTED_COMPRESSION"
  | "WRONG_MESSAGE_COUNT"
  | "RECEIVE_BUDGET_SPENT"
  | "CALL_QUEUE_FULL"
  | "STREAM_RESET"
  | "BAD_TIMEOUT";

/** Errors of the gRPC transport itself. */
export const GrpcErrors: Errors<Reason> = defineErrors("grpc", {
  RESERVED_METADATA: {
    code: Code.Internal,
    message: "metadata {key} is reserved for the transport",
    fix: "choose another key; tenant, user, release tag and trace travel by themselves",
  },
  BAD_TARGET: {
    code: Code.Internal,
    message: "{target} is no target: {why}",
    fix: "use host:port, ipv4:host:port[,host:port], dns:///host:port or unix:path",
  },
  BAD_MESSAGE: {
    code: Code.Internal,
    message: "a message of {method} could not be decoded: {why}",
    fix: "check that both sides use compatible versions of the contract",
  },
  BAD_RESPONSE: {
    code: Code.Unknown,
    message: "{method} was not answered by gRPC: {why}",
    fix: "check what listens at the target, and what proxies stand between",
  },
  BAD_COMPRESSION: {
    code: Code.Internal,
    message: "a compressed message of {method} could not be read: {why}",
    fix: "check the sender; a message flagged as compressed needs a grpc-encoding header",
  },
  UNSUPPORTED_COMPRESSION: {
    code: Code.Unimplemented,
    message: "the compression {encoding} is not supported",
    fix: "use gzip or identity, as grpc-accept-encoding says",
  },
  WRONG_MESSAGE_COUNT: {
    code: Code.Unimplemented,
    message: "{method} takes one message here, and {count} came",
    fix: "check that both sides agree on which side of the method streams",
  },
  RECEIVE_BUDGET_SPENT: {
    code: Code.ResourceExhausted,
    message: "no memory is left to receive a message of {method}",
    fix: "retry with backoff; send less at once, or raise the receive budgets",
  },
  CALL_QUEUE_FULL: {
    code: Code.Unavailable,
    message: "{count} calls already wait for a connection to {target}",
    fix: "retry with backoff; raise maxInFlight or maxQueued, or add instances",
  },
  STREAM_RESET: {
    code: Code.Internal,
    message: "the peer ended {method} with {reason}",
    fix: "look at the log of the peer and of what stands between",
  },
  BAD_TIMEOUT: {
    code: Code.Internal,
    message: "grpc-timeout {value} is not well formed",
    fix: "send at most eight digits and one of H, M, S, m, u, n",
  },
});
