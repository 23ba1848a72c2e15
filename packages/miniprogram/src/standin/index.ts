export { standinConfiguration } from "./configuration.js";
export { loadOrCreateStandinKeys, loadOrCreateVendorKeys } from "./key-folder.js";
export { generateStandinKeys, type PemPair, type PlatformKey, type StandinKeys } from "./keys.js";
export { realRules, relaxedRules, type StandinRules } from "./rules.js";
export { type Standin, type StandinOptions, startStandin } from "./standin.js";
export { standinAlipayConfiguration, standinDouyinConfiguration } from "./vendor/configuration.js";
export {
  type AlipayStandinKeys,
  type DouyinStandinKeys,
  generateVendorKeys,
  type VendorKeys,
} from "./vendor/keys.js";
