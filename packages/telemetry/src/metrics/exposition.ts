import type { Labels } from "@sampan/core/ports";
import type { MetricFamily } from "./snapshot.js";

/** Of the text format that `exposition` writes. */
export const expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Names without series are left out. */
export function exposition(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, help, type, series } of families) {
    if (series.length === 0) continue;
    lines.push(`# HELP ${name} ${help.replace(/[\\\n]/g, escapeOne)}`, `# TYPE ${name} ${type}`);
    for (const each of series) {
      const labels = labelPairs(each.labels);
      if ("value" in each) {
        lines.push(sample(name, labels, each.value));
        continue;
      }
      for (const { le, count } of each.buckets)
        lines.push(sample(`${name}_bucket`, [...labels, `le="${number(le)}"`], count));
      lines.push(sample(`${name}_sum`, labels, each.sum), sample(`${name}_count`, labels, each.count));
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function sample(name: string, labels: readonly string[], value: number): string {
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${number(value)}`;
}

function labelPairs(labels: Labels): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\\n"]/g, escapeOne)}"`);
}

function escapeOne(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
