import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { sourceFiles } from "./source-tree.js";

/** Files that tell npm where to fetch from; elsewhere a host such as registry.k8s.io is an ordinary image name. */
const npmFiles = /(^|\/)(package-lock\.json|package\.json|\.npmrc)$/;

const registryHost = /"resolved":\s*"(?:https?|git\+\w+):|\bregistry\.[\w.-]+\.\w{2,}|^\s*(?:@[\w-]+:)?registry\s*=/;

/**
 * Folders that only exist on a developer's machine. A slash or word character before it makes it part of a longer path or address,
 * which is fine. Written in pieces, so that this file does not find itself.
 */
const homeFolders = ["work", "root", "home/\\w+", "Users/\\w+"].join("|");
const machinePath = new RegExp(`(?<![\\w./@*}~-])/(?:${homeFolders})/[\\w.]`);

export const noHosts: Gate = {
  name: "no-hosts",
  purpose: "no registry host in npm's files, no path of a developer's machine anywhere",
  find: (root) => sourceFiles(root).flatMap((file) => findIn(file, readFileSync(join(root, file), "utf8"))),
};

function findIn(file: string, text: string): Finding[] {
  if (text.includes("\0")) return [];
  return text.split("\n").flatMap((content, index) => {
    const findings: Finding[] = [];
    const host = npmFiles.test(file) ? content.match(registryHost)?.[0] : undefined;
    if (host)
      findings.push({
        file,
        line: index + 1,
        problem: `names a registry: ${host.trim()}`,
        fix: "npm install with the .npmrc of this repository writes no hosts; set your registry in ~/.npmrc",
      });
    const path = content.match(machinePath)?.[0];
    if (path)
      findings.push({
        file,
        line: index + 1,
        problem: `names a folder of one machine: ${path}…`,
        fix: "use a path from the repository's root",
      });
    return findings;
  });
}
