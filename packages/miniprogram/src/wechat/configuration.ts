import { MiniProgramErrors } from "../errors.js";
import { checkUrl } from "./address.js";
import { type PayKeys, payKeys, type WeChatPayConfiguration } from "./pay/pay-configuration.js";
import { pushProblems, type WeChatPushConfiguration } from "./push/push-configuration.js";

/** A mini program, as the vendor's console shows it. */
export interface AppCredentials {
  readonly appId: string;
  readonly appSecret: string;
}

/** All that ties the provider to a mini program, and to the real platform or to a stand-in. */
export interface WeChatConfiguration extends AppCredentials {
  /**
   * Which app serves a tenant, when they have apps of their own; undefined for a tenant that none serves. Asked at each
   * use, so that it may change; must be quick. Default: the app above serves all. Pay stays with that app, whose
   * merchant it is.
   */
  readonly credentials?: (tenant: string) => AppCredentials | undefined;
  /** Default `https://api.weixin.qq.com`. */
  readonly apiUrl?: string;
  /** Absent: the provider has no `pay`. */
  readonly pay?: WeChatPayConfiguration;
  /** Absent: the provider has no `push`. Of the app above, as `pay` is. */
  readonly push?: Omit<WeChatPushConfiguration, "appId">;
  /** Limit of one exchange in ms, below the call's own deadline. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** Connections to each host; more exchanges wait for a free one. Default 32. */
  readonly maxSockets?: number;
  /** Which version of the mini program a message opens. Default `formal`. */
  readonly miniProgramState?: "developer" | "trial" | "formal";
  /** Keywords of message templates by id: a message that does not have exactly these is refused before it is sent. */
  readonly templates?: Readonly<Record<string, readonly string[]>>;
  /** Encrypted open data that is older, ms, is refused. Default 5 minutes. */
  readonly openDataMaxAgeMs?: number;
  /** Before the one repetition of a request that found the platform busy or away, ms. Default 100. */
  readonly retryDelayMs?: number;
}

export const defaultApiUrl = "https://api.weixin.qq.com";

/** Every problem at once, none of which repeats a secret. Throws `CONFIGURATION_INVALID`. */
export function checkConfiguration(configuration: WeChatConfiguration): PayKeys | undefined {
  const problems: string[] = [];
  if (configuration.appId === "") problems.push("appId is empty");
  if (configuration.appSecret === "") problems.push("appSecret is empty");
  checkUrl("apiUrl", configuration.apiUrl ?? defaultApiUrl, problems);
  for (const name of ["openDataMaxAgeMs", "retryDelayMs"] as const) {
    const ms = configuration[name] ?? 0;
    if (!(ms >= 0 && ms <= 86_400_000)) problems.push(`${name} is not 0 to a day in ms`);
  }
  const keys = configuration.pay === undefined ? undefined : payKeys(configuration.appId, configuration.pay, problems);
  const { appId, push } = configuration;
  if (push !== undefined) {
    for (const problem of pushProblems({ ...push, appId: appId === "" ? "-" : appId }))
      problems.push(`push.${problem}`);
  }
  if (problems.length > 0) throw MiniProgramErrors.CONFIGURATION_INVALID({ problems: problems.join("; ") });
  return keys;
}
