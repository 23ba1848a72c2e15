import { MiniProgramErrors } from "../errors.js";

/** All that ties the provider to one mini program of Douyin. */
export interface DouyinConfiguration {
  /** `tt…`. */
  readonly appId: string;
  readonly appSecret: string;
  /** Default `https://developer.toutiao.com`. */
  readonly apiUrl?: string;
  /** Absent: the provider has no `pay`. */
  readonly pay?: DouyinPayConfiguration;
  /** Limit of one exchange in ms, below the call's own deadline. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** Before a second try of a busy platform, ms. Default 100. */
  readonly retryDelayMs?: number;
  /** Connections; more exchanges wait for a free one. Default 32. */
  readonly maxSockets?: number;
  /** Encrypted open data that is older is refused, ms. Default an hour. */
  readonly openDataMaxAgeMs?: number;
}

/** Guaranteed payment (ecpay), as the console's payment settings show it. */
export interface DouyinPayConfiguration {
  /** Signs requests. */
  readonly salt: string;
  /** Signs callbacks. Not the salt. */
  readonly token: string;
}

export const defaultDouyinUrl = "https://developer.toutiao.com";

/** Every problem at once, none of which repeats a secret. Throws `CONFIGURATION_INVALID`. */
export function checkDouyin(configuration: DouyinConfiguration): void {
  const problems: string[] = [];
  const { appId, appSecret, pay, apiUrl = defaultDouyinUrl } = configuration;
  if (appId === "") problems.push("appId is empty");
  if (appSecret === "") problems.push("appSecret is empty");
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    problems.push("apiUrl is not an http or https address without a path");
  }
  if (pay !== undefined) {
    if (pay.salt === "") problems.push("pay.salt is empty");
    // An empty token is one that everybody knows.
    if (pay.token === "") problems.push("pay.token is empty");
  }
  if (problems.length > 0) throw MiniProgramErrors.CONFIGURATION_INVALID({ problems: problems.join("; ") });
}
