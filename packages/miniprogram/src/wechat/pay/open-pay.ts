import { type Clock, silentLogger } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue, Logger } from "@sampan/core/ports";
import type { PayProvider } from "../../pay.js";
import type { SecretText } from "../../secret-text.js";
import { MerchantApi } from "./merchant-api.js";
import type { PayKeys } from "./pay-configuration.js";
import { PayV3 } from "./pay-v3.js";
import { PlatformCertificates } from "./platform-certificates.js";
import { fixedKeys } from "./platform-keys.js";
import { ReplayStore } from "./replay-store.js";
import { type MerchantHost, SignedRequests } from "./signed-requests.js";

/** Callbacks that one process remembers when it shares them with nobody: 11 minutes of 1,500 a second. */
const maxCallbacks = 1_000_000;

export interface PayDependencies {
  readonly logger?: Logger;
  /** Where callbacks that were seen are remembered. Default: in this process. */
  readonly keyValue?: KeyValue;
}

/** Puts WeChat Pay v3 together. `hosts` has at least one. */
export function openPay(
  hosts: readonly MerchantHost[],
  keys: PayKeys,
  secrets: SecretText,
  clock: Clock,
  { logger = silentLogger, keyValue }: PayDependencies,
): PayProvider {
  const requests = new SignedRequests(hosts, keys, clock);
  const platformKeys = keys.downloadCertificates
    ? new PlatformCertificates(requests, keys, secrets, clock, logger)
    : fixedKeys(keys.platformKeys);
  const store = keyValue ?? memoryKeyValue({ clock, maxEntries: maxCallbacks });
  const api = new MerchantApi(requests, platformKeys, secrets, clock);
  return new PayV3(api, keys, platformKeys, new ReplayStore(store, keys.merchantId), clock);
}
