import { type Call, Code, CoreErrors, type Expiring, type RpcError } from "@sampan/core";
import { RetryErrors } from "../retry/error.js";
import { FailedCall, pushbackTrailer } from "../retry/failed-call.js";
import type { ReplayRequests } from "../retry/replay-requests.js";
import { hasStatus, type StatusSet } from "../status-words.js";

/** What a race asks of its layer. */
export interface RaceRules {
  readonly attempts: number;
  readonly afterMs: number;
  readonly on: StatusSet;
  /** Another try of the call, paid from the budget; undefined when it must not be. */
  another(failed: FailedCall): Call | undefined;
  /** A call has been answered, this long after its first try began. */
  answered(tookMs: number): void;
}

/** Starts a try and says how it ends: with `race.answered` or `race.failed`, once. */
export type Begin<T> = (attempt: Call, race: Race<T>) => void;

/**
 * The tries of one hedged call. The first that answers wins and the others are cancelled. A failure that is not listed
 * ends the call at once; one that is sends the next try without waiting. The call fails when its last try has failed.
 *
 * The waits are entries of the runtime's shared deadlines: most calls are answered long before.
 */
export class Race<T> implements Expiring {
  /** When the next try is due. */
  deadlinePlace: number = -1;
  deadline: number = Number.POSITIVE_INFINITY;
  readonly first: Call;
  readonly answer: Promise<T>;
  readonly #rules: RaceRules;
  readonly #failed: FailedCall;
  readonly #begin: Begin<T>;
  readonly #open: Call[] = [];
  #left: number;
  #over = false;
  #last: { readonly attempt: Call; readonly error: RpcError } | undefined;
  #resolve!: (answer: T) => void;
  #reject!: (error: RpcError) => void;

  constructor(rules: RaceRules, call: Call, requests: ReplayRequests | undefined, first: Call, begin: Begin<T>) {
    this.#rules = rules;
    this.#failed = new FailedCall(call, requests);
    this.#begin = begin;
    this.#left = rules.attempts - 1;
    this.first = first;
    this.answer = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#arm(rules.afterMs);
    this.#start(first);
  }

  get call(): Call {
    return this.#failed.call;
  }

  /** A try has answered. True when it is the first, which wins. */
  answered(attempt: Call, answer: T): boolean {
    if (this.#over || attempt.settled) return false;
    this.#rules.answered(this.first.elapsed());
    this.#end(attempt);
    this.#failed.requests?.commit();
    this.#resolve(answer);
    return true;
  }

  failed(attempt: Call, thrown: unknown): void {
    const error = this.#failed.end(attempt, thrown);
    if (this.#over) return;
    const at = this.#open.indexOf(attempt);
    if (at >= 0) this.#open.splice(at, 1);
    this.#last = { attempt, error };
    const fellBehind = RetryErrors.REQUESTS_NOT_KEPT.is(error);
    if (!fellBehind && !this.#mayGoOn(attempt, error)) this.#lose();
    else {
      if (!fellBehind) this.#next(attempt);
      // Not while another is in work, or on its way because the server has asked for a wait.
      if (!this.#over && this.#open.length === 0 && this.deadline === Number.POSITIVE_INFINITY) this.#lose();
    }
  }

  /** A try that its own timeout has ended is as good as slow. */
  #mayGoOn(attempt: Call, error: RpcError): boolean {
    if (this.call.settled) return false;
    if (attempt.aborted && error.code === Code.DeadlineExceeded) return true;
    return hasStatus(this.#rules.on, error.code);
  }

  /** The reader stops: nobody wants an answer any more. */
  stop(): void {
    if (this.#over) return;
    this.#end(undefined);
    this.#reject(CoreErrors.CANCELLED({ method: this.call.name, why: "its reader stopped reading" }));
  }

  /** For `DeadlineTimers`: the newest try is slow. */
  expire(): void {
    this.deadline = Number.POSITIVE_INFINITY;
    if (!this.#over && !this.call.settled) this.#launch();
    // What the server had put off was the last hope, and may not be made now.
    if (!this.#over && this.#open.length === 0) this.#lose();
  }

  /** After a failure: the next try at once, or when the server says (gRFC A6, "Server Pushback"). */
  #next(attempt: Call): void {
    const pushback = attempt.peekTrailers()?.get(pushbackTrailer);
    this.#disarm();
    if (pushback === undefined) this.#launch();
    else if (!/^\d{1,15}$/.test(pushback)) this.#left = 0;
    else if (this.#left > 0 && Number(pushback) < this.call.remaining()) this.#arm(Number(pushback));
  }

  #launch(): void {
    if (this.#left === 0) return;
    const another = this.#rules.another(this.#failed);
    if (another === undefined) return;
    this.#left--;
    this.#arm(this.#rules.afterMs);
    this.#start(another);
  }

  #start(attempt: Call): void {
    this.#open.push(attempt);
    this.#begin(attempt, this);
  }

  #arm(afterMs: number): void {
    if (this.#left === 0) return;
    const { runtime } = this.call;
    this.deadline = runtime.clock.now() + afterMs;
    runtime.deadlines.add(this);
  }

  #disarm(): void {
    if (this.deadline === Number.POSITIVE_INFINITY) return;
    this.call.runtime.deadlines.remove(this);
    this.deadline = Number.POSITIVE_INFINITY;
  }

  #lose(): void {
    const { attempt, error } = this.#last as { attempt: Call; error: RpcError };
    this.#end(undefined);
    this.#failed.giveUp(attempt);
    this.#reject(error);
  }

  #end(winner: Call | undefined): void {
    this.#over = true;
    this.#disarm();
    for (const attempt of this.#open) if (attempt !== winner) attempt.abort(lost(attempt));
  }
}

function lost(attempt: Call): RpcError {
  return CoreErrors.CANCELLED({ method: attempt.name, why: "another try was quicker" });
}
