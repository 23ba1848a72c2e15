export { standinConfiguration } from "./configuration.js";
export { loadOrCreateStandinKeys } from "./key-folder.js";
export { generateStandinKeys, type PemPair, type PlatformKey, type StandinKeys } from "./keys.js";
export { realRules, type StandinRules } from "./rules.js";
export { type Standin, type StandinOptions, startStandin } from "./standin.js";
