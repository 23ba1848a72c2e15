import { expositionContentType } from "../metrics/exposition.js";
import type { MetricsRegistry } from "../metrics/registry.js";
import type { AdminPage } from "./admin-page.js";

export function metricsPage(meter: MetricsRegistry): AdminPage {
  return {
    path: "/metrics",
    doc: "metrics in Prometheus's text format",
    answer: () => ({ status: 200, contentType: expositionContentType, body: meter.expose() }),
  };
}
