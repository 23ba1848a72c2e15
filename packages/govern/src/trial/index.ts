export { type TrialEvent, type TrialOptions, type TrialOutcome, type TrialReport, tryRules } from "./try-rules.js";
