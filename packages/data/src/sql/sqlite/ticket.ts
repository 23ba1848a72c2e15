import { type Call, CoreErrors, type RpcError } from "@sampan/core";
import type { TransactionHandle } from "./transaction-handle.js";

/** `waiting` in the queue, `open` while its work runs, `decided` when only the commit is missing, `told` at the end. */
export type TicketState = "waiting" | "open" | "decided" | "told";

/**
 * One transaction, from the queue to its answer. The call may settle at any time: a waiting ticket is told so at once, an open one
 * ends its work (`open()` resolves) so that the queue can roll back first; a decided one goes on to its commit.
 */
export class Ticket {
  state: TicketState = "waiting";
  /** What the work threw, or what stopped it; undefined when it is to be committed. */
  failure: { readonly error: unknown } | undefined;
  readonly call: Call;
  #value: unknown;
  #end: ((stopped?: RpcError) => void) | undefined;
  readonly #answer: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void };

  constructor(
    call: Call,
    answer: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void },
  ) {
    this.call = call;
    this.#answer = answer;
  }

  /** Runs the work until it settles or the call does; then its handle is closed at once. Never rejects: see `failure`. */
  open(
    holder: string,
    handle: TransactionHandle,
    work: (handle: TransactionHandle) => Promise<unknown>,
  ): Promise<void> {
    this.state = "open";
    const release = this.call.hold(holder);
    return new Promise((end) => {
      this.#end = (stopped) => {
        this.#end = undefined;
        handle.close(stopped);
        this.state = "decided";
        release();
        end();
      };
      started(() => work(handle)).then(
        (value) => {
          if (this.#end === undefined) return;
          this.#value = value;
          this.#end();
        },
        (error: unknown) => {
          if (this.#end === undefined) return;
          this.failure = { error };
          this.#end();
        },
      );
    });
  }

  /** Gives the answer. `error` is why the commit failed, and goes before what the work said: none of it has happened. */
  tell(error?: unknown): void {
    if (this.state === "told") return;
    this.state = "told";
    if (error !== undefined) this.#answer.reject(error);
    else if (this.failure !== undefined) this.#answer.reject(this.failure.error);
    else this.#answer.resolve(this.#value);
  }

  /** The call has settled, with its error if it failed. */
  callSettled(error: RpcError | undefined): void {
    if (this.state !== "waiting" && this.state !== "open") return;
    const stopped = error ?? callEnded(this.call);
    this.failure = { error: stopped };
    if (this.state === "open") this.#end?.(stopped);
    else this.tell();
  }
}

/** Tells tickets that their call has settled: one listener a call, because a long one may make any number of transactions. */
export class TicketsOfCalls {
  readonly #tickets = new WeakMap<Call, Set<Ticket>>();

  add(ticket: Ticket): void {
    const { call } = ticket;
    let tickets = this.#tickets.get(call);
    if (tickets === undefined) {
      const made = new Set<Ticket>();
      tickets = made;
      this.#tickets.set(call, made);
      call.onSettle((error) => {
        for (const open of made) open.callSettled(error);
      });
    }
    tickets.add(ticket);
  }

  remove(ticket: Ticket): void {
    this.#tickets.get(ticket.call)?.delete(ticket);
  }
}

/** Why work for a call that has settled is refused. */
export function callEnded(call: Call): RpcError {
  return (
    call.error ?? CoreErrors.CANCELLED({ method: call.name, why: "the call that started its transaction has settled" })
  );
}

// A work function that throws before its first await is a failed transaction and not a broken queue.
async function started(work: () => Promise<unknown>): Promise<unknown> {
  return work();
}
