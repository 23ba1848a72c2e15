import { type AdminPage, jsonAnswer } from "@sampan/telemetry";
import type { GovernanceState } from "./governance.js";

/** `/rules` of the admin port, as JSON. */
export function rulesPage(state: () => GovernanceState): AdminPage {
  return {
    path: "/rules",
    doc: "the traffic rules in force, why newer ones are not, and what their guards do",
    answer: () => jsonAnswer(state()),
  };
}
