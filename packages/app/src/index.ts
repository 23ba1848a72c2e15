export { broker } from "./dependencies/broker.js";
export { platform } from "./dependencies/platform.js";
export { sql } from "./dependencies/sql.js";
export { tokens } from "./dependencies/tokens.js";
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
export { isEntry } from "./entry.js";
export { AppErrors } from "./errors.js";
export type { State } from "./lifecycle.js";
export { brokerService } from "./remote-broker/broker-service.js";
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
