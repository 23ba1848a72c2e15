export { balancerNames, type LoadBalancingPolicy } from "./balancing/index.js";
export { BatchErrors, type BatchPolicy } from "./batch/index.js";
export { BreakerErrors, type BreakerPolicy } from "./breaker/index.js";
export { ConcurrencyErrors, type ConcurrencyPolicy } from "./concurrency/index.js";
export type { EndpointHealth } from "./endpoint-health.js";
export type { FallbackPolicy } from "./fallback/index.js";
export type { Enforcement, Guard, GuardContext, GuardReport, GuardState, MakeGuard } from "./guard.js";
export type { HedgePolicy } from "./hedge/index.js";
export { LimitErrors, type LimitPolicy } from "./limit/index.js";
export type { OutlierPolicy } from "./outlier/index.js";
export { preset, presetNames, presetText } from "./presets/index.js";
export { queuedCallMark } from "./queued-call.js";
export { type RecordedCall, Recorder, type RecorderOptions, readRecordedCall } from "./recorder/index.js";
export { RetryErrors, type RetryPolicy } from "./retry/index.js";
export { enqueuedMethods } from "./rules/enqueued-methods.js";
export { RuleErrors } from "./rules/error.js";
export {
  type AskedCall,
  type ExplainedSection,
  type ExplainedValue,
  type Explanation,
  explain,
} from "./rules/explain.js";
export type { JsonSchema } from "./rules/json-schema.js";
export { defaultRuleLimits, type RuleLimits } from "./rules/limits.js";
export type { Match, Rule, RuleSection, RuleSet } from "./rules/model.js";
export { problemText, type RuleProblem } from "./rules/reading/problems.js";
export { type ReadOptions, type ReadResult, readRules, requireRules } from "./rules/reading/read-rules.js";
export { documentSchema } from "./rules/rule-document.js";
export { rulesPage } from "./rules/rules-page.js";
export type { GuardKind, SectionProblem, SectionSpec, Side } from "./rules/section.js";
export { allSections } from "./rules/sections.js";
export { type FileSourceOptions, fileSource } from "./rules/source/file-source.js";
export { type FollowOptions, followSource, withBase } from "./rules/source/follow-source.js";
export type { RuleSource, RuleWatcher, SourcedRules } from "./rules/source/rule-source.js";
export type { Stack, StackElement } from "./rules/stack/element.js";
export { type GovernPorts, governStack } from "./rules/stack/govern-stack.js";
export {
  Governor,
  type GovernorOptions,
  type GovernorState,
  governClient,
  governServer,
} from "./rules/stack/governor.js";
export type { GuardInForce } from "./rules/stack/guard-store.js";
export type { EndpointRules } from "./rules/stack/service-slot.js";
export { ShedErrors, type ShedPolicy } from "./shed/index.js";
export { TimeoutErrors, type TimeoutPolicy } from "./timeout/index.js";
export { type TrialReport, tryRules } from "./trial/index.js";
