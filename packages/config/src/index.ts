export { type FileConfigOptions, FileConfigStore, replace } from "./backends/file/file-store.js";
export { MemoryConfigStore } from "./backends/memory/memory-store.js";
export {
  type AddressDefaults,
  type ConfigAddress,
  type Credentials,
  configAddress,
  openConfigStore,
} from "./backends/open-store.js";
export { type DocumentLimits, defaultDocumentLimits } from "./document/limits.js";
export { readText, type TextProblem, type TextReading } from "./document/read-text.js";
export { ConfigErrors } from "./errors.js";
export { type DescribedSetting, describeSettings, type ExplainedSetting } from "./explain.js";
export { boolean } from "./kinds/boolean.js";
export { type BytesInput, type BytesOptions, bytes } from "./kinds/bytes.js";
export { choice } from "./kinds/choice.js";
export { type DurationInput, type DurationOptions, duration } from "./kinds/duration.js";
export { type ListOptions, list } from "./kinds/list.js";
export { integer, type NumberOptions, number } from "./kinds/number.js";
export { optional } from "./kinds/optional.js";
export { type SecretOptions, secret } from "./kinds/secret.js";
export { type TextOptions, text } from "./kinds/text.js";
export { type UrlOptions, url } from "./kinds/url.js";
export type { Layout, Named, Slot } from "./layout.js";
export { type Compiled, type CompileOptions, compile, type DocumentText } from "./live/compile.js";
export { type Edited, editRollout } from "./live/edit-rollout.js";
export { type FollowOptions, SettingsFollower } from "./live/follow.js";
export type { FollowStatus } from "./live/follow-report.js";
export { type LiveListener, LiveSettings, type LiveView, type Swap } from "./live/live-settings.js";
export { readPercent } from "./live/read-target.js";
export { type RemoteDocument, type Rollout, readRemoteDocument } from "./live/remote-document.js";
export { type InstanceTraits, reachesInstance, reachesTenant, type Share, type Target } from "./live/target.js";
export { nearest } from "./nearest.js";
export { peekSection, type ReadOptions, readSettings, type SettingsResult } from "./read-settings.js";
export { Secret } from "./secret.js";
export type { RawForm, Reading, Setting, SettingOptions } from "./setting.js";
export {
  type SettingFields,
  type SettingSections,
  type Settings,
  type SettingsOf,
  type SettingsValues,
  settings,
} from "./settings.js";
export { SettingsError, type SettingsProblem } from "./settings-error.js";
export { type CodeValues, codeSource } from "./sources/code.js";
export { type EnvironmentOptions, environmentSource } from "./sources/environment.js";
export { type FileOptions, fileSource, namedFileSource } from "./sources/file.js";
export { flagsSource } from "./sources/flags.js";
export { environmentName, type ProcessSources, processSources } from "./sources/process.js";
export type { Found, SettingsSource, SourceContents } from "./sources/source.js";
export { formatBytes, parseBytes } from "./units/bytes.js";
export { formatDuration, parseDuration } from "./units/duration.js";
