import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const trafficPolicyDoc = "docs/reference/traffic-policy.md";

interface Govern {
  readonly allSections: readonly unknown[];
  rulesPage(sections: readonly unknown[]): string;
}

/** The page that the sections of a tree ask for. Rejects when packages/govern is not built there. */
export async function renderTrafficPolicy(root: string): Promise<string> {
  const file = "packages/govern/dist/index.js";
  let govern: Govern;
  try {
    govern = (await import(pathToFileURL(join(root, file)).href)) as Govern;
  } catch (cause) {
    throw new Error(`${file} cannot be loaded; is it built? (npm run build)`, { cause });
  }
  return govern.rulesPage(govern.allSections);
}
