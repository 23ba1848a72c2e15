export { type TrialReport, tryRules } from "./try-rules.js";
