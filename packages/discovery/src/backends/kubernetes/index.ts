export { type KubernetesSettings, kubernetesResolver } from "./resolver.js";
