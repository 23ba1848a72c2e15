import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "RULES_INVALID" | "RULES_UNFIT" | "RULES_UNREADABLE" | "PRESET_UNKNOWN";

/** Why rules cannot be put in force. Those in force before stay. */
export const RuleErrors: Errors<Reason> = defineErrors("govern", {
  RULES_INVALID: {
    code: Code.InvalidArgument,
    message: "{source} has {count} problems:\n{problems}",
    fix: "correct the lines it names; `sampan rules check <file>` lists them all",
  },
  RULES_UNFIT: {
    code: Code.FailedPrecondition,
    message: "rules ask for what cannot be done here:\n{problems}",
    fix: "correct the section that it names, or narrow the rule's match",
  },
  RULES_UNREADABLE: {
    code: Code.Unavailable,
    message: "the rules of {source} cannot be read: {why}",
    fix: "check that it exists and that this process may read it; the rules in force stay",
  },
  PRESET_UNKNOWN: {
    code: Code.InvalidArgument,
    message: "there is no preset {preset}",
    fix: "use one of {presets}",
  },
});
