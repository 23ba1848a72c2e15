import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { isGenerated, sourceFiles } from "./source-tree.js";

/** House rule 1: median below 150 lines, nine in ten below 300, none above 500. */
const limits = { median: 150, p90: 300, most: 500 };

interface FileSize {
  readonly file: string;
  readonly lines: number;
}

export const fileSize: Gate = {
  name: "file-size",
  purpose: `one concept a file: median ${limits.median}, nine in ten ${limits.p90}, none above ${limits.most} lines`,
  find: (root) => judge(measureSizes(root)),
  measure(root) {
    const { files, median, p90, most } = figures(measureSizes(root));
    return `${files} files · median ${median} · p90 ${p90} · max ${most?.lines ?? 0} (${most?.file ?? "none"})`;
  },
};

/** Hand-written code, smallest first. */
function measureSizes(root: string): FileSize[] {
  return sourceFiles(root)
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !isGenerated(file))
    .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").trimEnd().split("\n").length }))
    .sort((a, b) => a.lines - b.lines);
}

function figures(sizes: readonly FileSize[]) {
  const at = (share: number): number => sizes[Math.max(0, Math.ceil(sizes.length * share) - 1)]?.lines ?? 0;
  return { files: sizes.length, median: at(0.5), p90: at(0.9), most: sizes.at(-1) };
}

function judge(sizes: readonly FileSize[]): Finding[] {
  const { median, p90 } = figures(sizes);
  const split = "split it where a second concept begins";
  const findings: Finding[] = sizes
    .filter(({ lines }) => lines > limits.most)
    .map(({ file, lines }) => ({ file, problem: `has ${lines} lines, more than ${limits.most}`, fix: split }));
  const longest = sizes.slice(-5).reverse();
  const listed = longest.map(({ file, lines }) => `${file} (${lines})`).join(", ");
  if (median > limits.median)
    findings.push({
      file: ".",
      problem: `the median file has ${median} lines, more than ${limits.median}`,
      fix: split,
    });
  if (p90 > limits.p90)
    findings.push({
      file: ".",
      problem: `one file in ten has more than ${p90} lines`,
      fix: `${split}; the longest: ${listed}`,
    });
  return findings;
}
