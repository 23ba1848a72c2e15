import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inCluster, type KubernetesOptions, serviceAccountFolder } from "@sampan/engines";

/** What a pod is told of its cluster. */
export interface KubernetesPod {
  /** The API server; undefined outside a cluster. */
  readonly api: KubernetesOptions | undefined;
  /** Undefined where no file says it. */
  readonly namespace: string | undefined;
}

/** Reads the environment, and the namespace in the service account's folder. */
export function kubernetesPod(environment: Readonly<Record<string, string | undefined>>): KubernetesPod {
  return { api: inCluster(environment), namespace: namespaceIn(serviceAccountFolder) };
}

function namespaceIn(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, "namespace"), "utf8").trim() || undefined;
  } catch {
    // Outside a cluster, or a pod without a service account's token.
    return undefined;
  }
}
