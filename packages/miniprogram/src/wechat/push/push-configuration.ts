import { pushKey } from "./push-envelope.js";

/** What the vendor's console shows under message push. The data format there must be JSON; XML is refused. */
export interface WeChatPushConfiguration {
  readonly appId: string;
  /** 3 to 32 letters or digits. */
  readonly token: string;
  /**
   * 43 characters. Present: secure mode, and nothing that is not encrypted is taken. Absent: plain mode, whose signature
   * does not cover the body: for development.
   */
  readonly encodingAesKey?: string;
  /** The one before, while the console's change is under way. */
  readonly previousEncodingAesKey?: string;
  /** How far a delivery's timestamp may be from now, ms. Default 5 minutes. */
  readonly windowMs?: number;
  /** The platform cuts the connection after 5 s; we answer before. Default 4500 ms. */
  readonly replyWithinMs?: number;
  /** How long a message may be under way before another delivery of it counts as new. Default 60 s. */
  readonly handlingMs?: number;
}

const keyNames = ["encodingAesKey", "previousEncodingAesKey"] as const;
const times = ["windowMs", "replyWithinMs", "handlingMs"] as const;

/** Every problem at once, none of which repeats a secret. */
export function pushProblems(configuration: WeChatPushConfiguration): string[] {
  const problems: string[] = [];
  if (configuration.appId === "") problems.push("appId is empty");
  if (!/^[A-Za-z0-9]{3,32}$/.test(configuration.token)) problems.push("token does not have 3 to 32 letters or digits");
  for (const name of keyNames) {
    const text = configuration[name];
    if (text !== undefined && pushKey(text) === undefined) {
      problems.push(`${name} does not have 43 characters of base64`);
    }
  }
  if (configuration.encodingAesKey === undefined && configuration.previousEncodingAesKey !== undefined) {
    problems.push("encodingAesKey is missing");
  }
  for (const name of times) {
    const ms = configuration[name] ?? 1;
    if (!(ms > 0 && ms <= 86_400_000)) problems.push(`${name} is not above 0 and at most a day in ms`);
  }
  return problems;
}

/** Of a configuration without problems: the key to encrypt with, then the one before. None in plain mode. */
export function pushKeys(configuration: WeChatPushConfiguration): Buffer[] {
  return keyNames.flatMap((name) => {
    const text = configuration[name];
    return text === undefined ? [] : (pushKey(text) ?? []);
  });
}
