export { broker } from "./dependencies/broker.js";
export { keyValue } from "./dependencies/key-value.js";
export { platform } from "./dependencies/platform.js";
export { sql } from "./dependencies/sql.js";
export { type Tokens, tokens } from "./dependencies/tokens.js";
export type {
  CallDependency,
  Dependency,
  DependencyContext,
  Needs,
  OneProcessOnly,
  Opened,
  Resolved,
  SingletonDependency,
} from "./dependency.js";
export type { DiscoveryControl } from "./discovery/discovery.js";
export { isEntry } from "./entry.js";
export { AppErrors } from "./errors.js";
export type { State } from "./lifecycle.js";
export { type LoadedSettings, loadSettings, type ProcessLive } from "./live-settings/index.js";
export { brokerService } from "./remote-broker/broker-service.js";
export { keyValueService } from "./remote-key-value/key-value-service.js";
export { remoteKeyValue } from "./remote-key-value/remote-key-value.js";
export { RegistryBook } from "./remote-registry/registry-book.js";
export { registryService } from "./remote-registry/registry-service.js";
export { defaultRestarts, nextRestart, type RestartPolicy } from "./restarts.js";
export { run } from "./run.js";
export type { RunningProcess, RunOptions } from "./running-process.js";
export {
  type BuildContext,
  type Edge,
  type OpenEdge,
  type Parts,
  type Runnable,
  type ServiceDefinition,
  type ServiceModule,
  service,
} from "./service.js";
export {
  readServiceSettings,
  type SectionValues,
  type ServiceSettings,
  type SettingsOptions,
} from "./service-settings.js";
export { settingSections } from "./setting-sections.js";
export type { ProcessReport } from "./supervised.js";
export { type OneProcessNeed, oneProcessOnly } from "./workers/one-process-only.js";
