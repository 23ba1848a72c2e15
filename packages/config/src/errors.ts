import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "CHANGED_MEANWHILE"
  | "SOURCE_FAILED"
  | "TOO_LARGE"
  | "BAD_KEY"
  | "BAD_ADDRESS"
  | "NOT_HEARD_OF"
  | "CLOSED";

/** What goes wrong with documents of configuration in a store. */
export const ConfigErrors: Errors<Reason> = defineErrors("config", {
  CHANGED_MEANWHILE: {
    code: Code.Aborted,
    message: "{key} is no longer what it was when it was read",
    fix: "look at what stands there now, and publish again",
  },
  SOURCE_FAILED: {
    code: Code.Unavailable,
    message: "the configuration under {key} cannot be read: {why}",
    fix: "check that the store can be reached; it is tried again with backoff, and the last good values stay",
  },
  TOO_LARGE: {
    code: Code.ResourceExhausted,
    message: "the document for {key} has {size} bytes, and {limit} are allowed",
    fix: "keep less in one document",
  },
  BAD_KEY: {
    code: Code.InvalidArgument,
    message: "{key} cannot be the key of a document: {why}",
    fix: "use a path such as sampan/production/order",
  },
  BAD_ADDRESS: {
    code: Code.InvalidArgument,
    message: "{address} is no address of configuration: {why}",
    fix: "write etcd://host:2379/namespace/environment; consul, nacos and file work the same way",
  },
  NOT_HEARD_OF: {
    code: Code.Unavailable,
    message: "nothing was heard of {key} within {ms} ms",
    fix: "check that the store can be reached",
  },
  CLOSED: {
    code: Code.Unavailable,
    message: "the store of configuration is closed",
    fix: "nothing: the process is about to end",
  },
});
