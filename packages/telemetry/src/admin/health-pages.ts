import type { Health } from "../health/health.js";
import { type AdminPage, jsonAnswer } from "./admin-page.js";

/** `/healthz`: the process lives, which is all that a restart could help with. `/readyz`: it should get traffic. */
export function healthPages(health: Health): readonly AdminPage[] {
  return [
    { path: "/healthz", doc: "200 while the process lives", answer: () => jsonAnswer({ status: "alive" }) },
    {
      path: "/readyz",
      doc: "200 when it should get traffic, 503 with the reasons when not",
      answer() {
        const { ready, state, checks } = health.report();
        return jsonAnswer({ status: ready ? "ready" : state, checks }, ready ? 200 : 503);
      },
    },
  ];
}
