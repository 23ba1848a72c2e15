import { join, resolve } from "node:path";
import { type Clock, Code, type Layer, type Method, type RpcError } from "@sampan/core";
import type { Logger, Meter } from "@sampan/core/ports";
import { type AuditEvent, type AuditTrail, auditing, openAuditTrail } from "@sampan/identity/audit";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { reasonOf } from "../errors.js";
import { Repeats } from "../repeats.js";
import type { AuditSettings } from "./audit-settings.js";
import { RefusalBudget } from "./refusal-budget.js";
import { targetOf } from "./target-of.js";

export interface ProcessAuditOptions {
  readonly settings: AuditSettings;
  /** Of this process alone, among those that share the folder. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

const toldEveryMs = 60_000;
const longestTarget = 2048;

/** The trail of a process, and the layers that write to it. */
export class ProcessAudit {
  /** Outside of everything that may refuse a call. */
  readonly layers: readonly Layer[];
  readonly #trail: AuditTrail;
  readonly #options: ProcessAuditOptions;
  readonly #repeats = new Repeats(toldEveryMs);

  constructor(trail: AuditTrail, options: ProcessAuditOptions) {
    this.#trail = trail;
    this.#options = options;
    const failed = (error: unknown): void => this.#failed(error);
    const keep = (_: Method, error: RpcError | undefined): boolean => error !== undefined && isRefusal(error);
    this.layers = [
      auditing({ trail, which: isOperators, describe, failed }),
      auditing({ trail: this.#limited(), which: (method) => !isOperators(method), keep, failed }),
    ];
  }

  /** Writes what waits. */
  close(): Promise<void> {
    return this.#trail.close();
  }

  /** Takes no more refusals than the settings allow. */
  #limited(): Pick<AuditTrail, "append"> {
    const { settings, clock } = this.#options;
    const budget = new RefusalBudget(settings.refusals);
    return {
      append: async (event: AuditEvent) => {
        const left = budget.take(clock.now());
        if (left === undefined) this.#lost("limited");
        else await this.#trail.append(left === 0 ? event : { ...event, details: { "not-written-before": `${left}` } });
      },
    };
  }

  #failed(error: unknown): void {
    this.#lost("failed");
    const { logger, clock } = this.#options;
    const why = reasonOf(error);
    const also = this.#repeats.note(why, clock.now());
    if (also !== undefined) logger.error("calls are not in the audit trail", { why, also });
  }

  #lost(why: string): void {
    this.#options.meter.counter(unwritten, { why }).add();
  }
}

/** Opens or begins the trail in the folder of this process. Rejects with what `openAuditTrail` rejects with. */
export async function openAudit(options: ProcessAuditOptions): Promise<ProcessAudit> {
  const { settings, name, clock, logger } = options;
  const folder = join(resolve(settings.folder), name);
  const trail = await openAuditTrail({
    folder,
    clock,
    sync: settings.sync === "always" ? "always" : { everyMs: 1000 },
    maxFileBytes: settings.maxFile,
    checkpointEvery: settings.checkpointEvery,
    maxWaiting: settings.maxWaiting,
    // Elsewhere than the trail, so that whoever changes it cannot change this.
    onCheckpoint: ({ sequence, hash }) => logger.info("audit checkpoint", { folder, expect: `${sequence}:${hash}` }),
  });
  const { sequence, hash } = trail.head;
  logger.info("the audit trail is open", { folder, expect: `${sequence}:${hash}` });
  return new ProcessAudit(trail, options);
}

/** The folder of a process below `audit.folder`: that of its instance or of its one service, and of its worker. */
export function auditName(services: readonly string[], instance: string, worker: number | undefined): string {
  const [only = "process"] = services.length === 1 ? services : [];
  const name = instance === "" ? only : instance;
  return worker === undefined ? name : `${name}-${worker}`;
}

function isOperators({ access }: Method): boolean {
  return access === Access.OPERATOR;
}

function isRefusal({ code }: RpcError): boolean {
  return code === Code.PermissionDenied || code === Code.Unauthenticated;
}

const targets = new WeakMap<Method, (request: unknown) => string>();

function describe(method: Method, request: unknown) {
  let target = targets.get(method);
  if (target === undefined) {
    target = targetOf(method);
    targets.set(method, target);
  }
  const text = target(request);
  return text.length > longestTarget ? { details: { target: "longer than an entry may be" } } : { target: text };
}

const unwritten = {
  name: "sampan_audit_unwritten_total",
  help: "Calls that should have an entry in the audit trail and have none.",
};
