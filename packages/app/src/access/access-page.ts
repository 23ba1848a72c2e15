import { type AdminPage, jsonAnswer } from "@sampan/telemetry";
import type { ProcessAccess } from "./process-access.js";

/**
 * `/access` of the admin port, as JSON: the policy in force and what it has refused. With `?identity=…&method=…` why that
 * caller may, or may not, call that method.
 */
export function accessPage(access: () => ProcessAccess | undefined): AdminPage {
  return {
    path: "/access",
    doc: "the access policy in force, what it has refused, and what it would refuse; ?identity=…&method=… explains a pair",
    answer(query) {
      const found = access();
      if (found === undefined) return jsonAnswer({ source: "" });
      const method = query.get("method");
      return jsonAnswer(method === null ? found.state() : found.explain(query.get("identity") ?? "", method));
    },
  };
}
