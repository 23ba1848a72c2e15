export { type KubernetesPod, kubernetesPod } from "./pod.js";
export { type KubernetesSettings, kubernetesResolver } from "./resolver.js";
