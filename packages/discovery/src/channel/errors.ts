import { Code, defineErrors, type Errors } from "@sampan/core";

export const DiscoveryErrors: Errors<"NO_INSTANCES" | "TOO_MANY_WAITING" | "INSTANCE_INVALID" | "REGISTRY_FAILED"> =
  defineErrors("discovery", {
    NO_INSTANCES: {
      code: Code.Unavailable,
      message: "no instance of {service} is known: {why}",
      fix: "start the service, or check that it registers where this process looks",
    },
    TOO_MANY_WAITING: {
      code: Code.ResourceExhausted,
      message: "{count} calls to {service} wait for the registry's first answer already",
      fix: "check that the registry can be reached; let callers retry later",
    },
    INSTANCE_INVALID: {
      code: Code.InvalidArgument,
      message: "the instance of {service} cannot be registered: {why}",
      fix: "correct the address, weight or labels that the process announces",
    },
    REGISTRY_FAILED: {
      code: Code.Unavailable,
      message: "the registry {registry} did not do what was asked: {why}",
      fix: "check the registry's address and health; what was known before stays in use",
    },
  });
