import { ClientSession, type Granted } from "../client/client-session.js";
import type { JsonAnswer, JsonRequest } from "../client/json-client.js";
import { JsonClient } from "../client/json-client.js";
import { StandinClient } from "../client/standin-client.js";
import type { Target } from "../client/target.js";

/** A step of the journey as it went. */
export interface StepResult {
  readonly name: string;
  readonly ms: number;
  /** Of the step's last request to the platform; empty when it made none. */
  readonly traceId: string;
  /** What was not as it should be; undefined when all was. */
  readonly problem: string | undefined;
}

/** A request of a journey. */
export interface JourneyRequest extends JsonRequest {
  /** Whose tokens it carries, kept fresh, and whose key signs it. */
  readonly by?: ClientSession | undefined;
}

/** What a check found wrong; ends its step. */
class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** Throws `CheckFailed` unless two values are the same as JSON. */
export function expect(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new CheckFailed(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
}

/** Plays steps against a platform, one after the other, and keeps what became of them. */
export class Journey {
  readonly http: JsonClient;
  readonly phone: StandinClient;
  readonly operatorKey: string;
  readonly results: StepResult[] = [];
  /** Of everybody who has logged in and goes on. */
  readonly sessions: ClientSession[] = [];
  /** Requests that were signed with a session's key. */
  signed = 0;
  readonly #report: (result: StepResult) => void;
  #lastTrace = "";

  constructor(target: Target, report: (result: StepResult) => void) {
    this.http = new JsonClient(target.url);
    this.phone = new StandinClient(target.standinUrl);
    this.operatorKey = target.operatorKey;
    this.#report = report;
  }

  /** Runs a step; one that fails is reported, and the steps after it that need its result throw on their own. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.#lastTrace = "";
    let problem: string | undefined;
    try {
      return await work();
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      const result = { name, ms: performance.now() - started, traceId: this.#lastTrace, problem };
      this.results.push(result);
      this.#report(result);
    }
  }

  /** A request whose HTTP status must be `status`. Gives the body. */
  async call<T = Readonly<Record<string, unknown>>>(
    status: number,
    method: string,
    path: string,
    { by, ...options }: JourneyRequest = {},
  ): Promise<T> {
    const credentials = await by?.credentials();
    if (credentials !== undefined) this.signed++;
    const answer: JsonAnswer = await this.http.request(method, path, { ...credentials, ...options });
    this.#lastTrace = answer.traceId;
    if (answer.status !== status) {
      throw new CheckFailed(
        `${method} ${path} answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`,
      );
    }
    return answer.body as T;
  }

  /** A login that was answered. */
  session(granted: Granted): ClientSession {
    const session = new ClientSession(this.http, granted);
    this.sessions.push(session);
    return session;
  }

  /** Asks again until `enough` holds: events take a moment. Throws `CheckFailed` with the last value after `timeoutMs`. */
  async eventually<T>(
    what: string,
    ask: () => Promise<T>,
    enough: (value: T) => boolean,
    timeoutMs = 10_000,
  ): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const value = await ask();
      if (enough(value)) return value;
      if (performance.now() > end)
        throw new CheckFailed(`${what} did not happen in ${timeoutMs} ms: ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    this.http.close();
    this.phone.close();
  }
}
