import { loadBalancingSection } from "../balancing/policy.js";
import { batchSection } from "../batch/policy.js";
import { breakerSection } from "../breaker/policy.js";
import { concurrencySection } from "../concurrency/policy.js";
import { fallbackSection } from "../fallback/policy.js";
import { hedgeSection } from "../hedge/policy.js";
import { limitSection } from "../limit/policy.js";
import { outlierSection } from "../outlier/policy.js";
import { retrySection } from "../retry/policy.js";
import { shedSection } from "../shed/policy.js";
import { timeoutSection } from "../timeout/policy.js";
import type { SectionSpec } from "./section.js";

/** Every section that a rule can have, in the order in which they are documented. */
export const allSections: readonly SectionSpec[] = [
  timeoutSection,
  retrySection,
  hedgeSection,
  breakerSection,
  limitSection,
  concurrencySection,
  shedSection,
  fallbackSection,
  batchSection,
  outlierSection,
  loadBalancingSection,
] as readonly SectionSpec[];
