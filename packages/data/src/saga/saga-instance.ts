import type { CallOrigin } from "@sampan/core";
import type { SagaFailure } from "./saga-failure.js";
import type { Progress, SagaStatus } from "./saga-progress.js";
import type { SagaRow } from "./saga-schema.js";
import { decodeValue } from "./saga-value.js";

/** A saga's row in memory. Immutable. */
export interface SagaInstance {
  readonly id: string;
  readonly saga: string;
  readonly progress: Progress;
  /** As JSON, so that no step can change it in place. */
  readonly state: string;
  readonly owner: string | undefined;
  readonly fence: number;
  readonly origin: CallOrigin;
  readonly startedAt: number;
  readonly updatedAt: number;
}

/** What a saga looks like from outside. */
export interface SagaSnapshot {
  readonly id: string;
  readonly saga: string;
  readonly status: SagaStatus;
  /** The current step; empty at the end. */
  readonly step: string;
  readonly attempt: number;
  readonly state: unknown;
  /** Why it went back; `rpcErrorOf` makes it an error to answer with. */
  readonly failure: SagaFailure | undefined;
  /** The last error of the current step; what a stuck saga gave up on. */
  readonly error: SagaFailure | undefined;
  /** When its next retry or timeout is, ms since the epoch. */
  readonly dueAt: number | undefined;
  readonly startedAt: number;
  readonly updatedAt: number;
}

export function snapshotOf(instance: SagaInstance): SagaSnapshot {
  const { id, saga, progress, startedAt, updatedAt } = instance;
  const { status, step, attempt, failure, error } = progress;
  const dueAt = instance.owner === undefined ? progress.dueAt : undefined;
  return {
    id,
    saga,
    status,
    step,
    attempt,
    state: decodeValue(instance.state),
    failure,
    error,
    dueAt,
    startedAt,
    updatedAt,
  };
}

export function instanceOf(row: SagaRow): SagaInstance {
  return {
    id: row.id,
    saga: row.saga,
    progress: {
      status: row.status as SagaStatus,
      step: row.step,
      attempt: Number(row.attempt),
      ran: JSON.parse(row.ran) as string[],
      pivoted: row.pivoted !== 0n,
      dueAt: row.due_at === null ? undefined : Number(row.due_at),
      waitUntil: row.wait_until === null ? undefined : Number(row.wait_until),
      failure: failureOf(row.failure),
      error: failureOf(row.error),
      resumeAs: (row.resume_as ?? undefined) as Progress["resumeAs"],
    },
    state: row.state,
    owner: row.owner ?? undefined,
    fence: Number(row.fence),
    origin: { tenant: row.tenant, releaseTag: row.release_tag, traceparent: row.traceparent },
    startedAt: Number(row.started_at),
    updatedAt: Number(row.updated_at),
  };
}

export function rowOf(instance: SagaInstance): SagaRow {
  const { progress, origin } = instance;
  return {
    id: instance.id,
    saga: instance.saga,
    status: progress.status,
    step: progress.step,
    attempt: BigInt(progress.attempt),
    ran: JSON.stringify(progress.ran),
    pivoted: progress.pivoted ? 1n : 0n,
    due_at: time(progress.dueAt),
    wait_until: time(progress.waitUntil),
    failure: progress.failure === undefined ? null : JSON.stringify(progress.failure),
    error: progress.error === undefined ? null : JSON.stringify(progress.error),
    resume_as: progress.resumeAs ?? null,
    state: instance.state,
    owner: instance.owner ?? null,
    fence: BigInt(instance.fence),
    tenant: origin.tenant,
    release_tag: origin.releaseTag,
    traceparent: origin.traceparent,
    started_at: BigInt(instance.startedAt),
    updated_at: BigInt(instance.updatedAt),
  };
}

/** A wait without an end is `Infinity` in a definition and nothing in the table. */
function time(value: number | undefined): bigint | null {
  return value === undefined || value === Number.POSITIVE_INFINITY ? null : BigInt(Math.ceil(value));
}

export function failureOf(text: string | null): SagaFailure | undefined {
  return text === null ? undefined : (JSON.parse(text) as SagaFailure);
}
