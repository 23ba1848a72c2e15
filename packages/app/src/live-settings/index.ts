export { type LoadedSettings, loadSettings } from "./load-settings.js";
export { ProcessLive } from "./process-live.js";
export type { RemoteRules } from "./remote-rules.js";
