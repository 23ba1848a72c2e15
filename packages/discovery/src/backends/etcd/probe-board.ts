import { type Clock, RpcError, silentLogger, sleep, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { EngineErrors, type EtcdClient, type EtcdEvent } from "@sampan/engines";
import type { ProbeBoard, ProbeResult } from "../../probes/board.js";
import { BoardLease } from "./board-lease.js";
import { type EtcdLeaseSettings, etcdClient } from "./settings.js";

export interface EtcdBoardOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Entries of one service's board that are looked at; a board that holds more is not ours. */
const maxEntries = 40_000;
/** After a watch that failed, in ms. */
const retryMs = 1000;

/**
 * Who probes what, and what was found, as keys under leases: `/sampan/<namespace>/probes/<service>/duty/<id>` and
 * `…/result/<id>`. Each process watches the services that it calls, so that it asks only for duties that nobody has.
 * Both leases are this process's: when it dies, its duties and results go with it.
 */
export function etcdProbeBoard(settings: EtcdLeaseSettings, options: EtcdBoardOptions = {}): EtcdProbeBoard {
  return new EtcdProbeBoard(settings, options);
}

export class EtcdProbeBoard implements ProbeBoard {
  readonly #client: EtcdClient;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #services = new Map<string, ServiceBoard>();
  readonly #duties: BoardLease;
  readonly #results: BoardLease;

  constructor(settings: EtcdLeaseSettings, options: EtcdBoardOptions) {
    this.#client = etcdClient(settings);
    this.#folder = `/sampan/${settings.namespace ?? "default"}/probes/`;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#duties = new BoardLease(this.#client, this.#clock);
    this.#results = new BoardLease(this.#client, this.#clock);
  }

  async claim(service: string, ids: readonly string[], owner: string, ttlMs: number): Promise<ReadonlySet<string>> {
    const board = this.#of(service);
    await board.listed;
    const { id: lease, renewed } = await this.#duties.keep(ttlMs);
    // What was held under a lease that is lost belongs to whoever asks first.
    if (!renewed) for (const [id, held] of board.duties) if (held === owner) board.duties.delete(id);
    const mine = new Set(ids.filter((id) => board.duties.get(id) === owner));
    for (const id of ids) {
      if (board.duties.has(id)) continue;
      if (!(await this.#client.putIf(`${board.folder}duty/${id}`, 0, owner, { lease }))) continue;
      board.duties.set(id, owner);
      mine.add(id);
    }
    return mine;
  }

  async release(service: string, ids: readonly string[], owner: string): Promise<void> {
    const board = this.#services.get(service);
    for (const id of ids) {
      if (board?.duties.get(id) !== owner) continue;
      board.duties.delete(id);
      await this.#client.delete(`${board.folder}duty/${id}`);
    }
  }

  async publish(service: string, results: ReadonlyMap<string, ProbeResult>, ttlMs: number): Promise<void> {
    const { folder } = this.#of(service);
    const { id: lease } = await this.#results.keep(ttlMs);
    for (const [id, result] of results)
      await this.#client.put(`${folder}result/${id}`, JSON.stringify(result), { lease });
  }

  watch(service: string, listener: (results: ReadonlyMap<string, ProbeResult>) => void): { close(): void } {
    const board = this.#of(service);
    board.listeners.add(listener);
    listener(board.results);
    return { close: () => void board.listeners.delete(listener) };
  }

  /** Ends the watches, and gives back what is held. */
  async close(): Promise<void> {
    for (const board of this.#services.values()) board.abort.abort();
    await Promise.allSettled([this.#duties.revoke(), this.#results.revoke()]);
    this.#client.close();
  }

  #of(service: string): ServiceBoard {
    let board = this.#services.get(service);
    if (board === undefined) {
      board = new ServiceBoard(`${this.#folder}${service}/`);
      this.#services.set(service, board);
      void this.#follow(board);
    }
    return board;
  }

  async #follow(board: ServiceBoard): Promise<void> {
    const { signal } = board.abort;
    while (!signal.aborted) {
      try {
        let revision = 0;
        const events: EtcdEvent[] = [];
        for await (const page of this.#client.list(board.folder, { signal })) {
          revision = page.revision;
          for (const entry of page.entries) if (events.length < maxEntries) events.push({ type: "put", entry });
        }
        board.begin(events);
        for await (const batch of await this.#client.watch(board.folder, revision + 1, signal)) board.apply(batch);
      } catch (error) {
        if (signal.aborted) return;
        board.failed(RpcError.from(error));
        if (EngineErrors.COMPACTED.is(error)) continue;
        this.#logger.warn("the probe board cannot be followed", { folder: board.folder, error });
        await sleep(this.#clock, retryMs, signal).catch(() => {});
      }
    }
  }
}

/** What is known of one service's board. */
class ServiceBoard {
  readonly folder: string;
  readonly abort: AbortController = new AbortController();
  /** Owners by instance. */
  readonly duties: Map<string, string> = new Map();
  readonly listeners: Set<(results: ReadonlyMap<string, ProbeResult>) => void> = new Set();
  results: ReadonlyMap<string, ProbeResult> = new Map();
  /** Resolves when the board has been read once; rejects while it cannot be. */
  listed: Promise<void>;
  #settle!: { resolve(): void; reject(error: RpcError): void };

  constructor(folder: string) {
    this.folder = folder;
    this.listed = this.#pending();
  }

  begin(entries: readonly EtcdEvent[]): void {
    this.duties.clear();
    this.results = new Map();
    this.apply(entries);
    this.#settle.resolve();
  }

  failed(error: RpcError): void {
    this.#settle.reject(error);
    this.listed = this.#pending();
  }

  apply(events: readonly EtcdEvent[]): void {
    const results = new Map(this.results);
    for (const event of events) {
      const key = event.type === "put" ? event.entry.key : event.key;
      const [kind, id = ""] = split(key.slice(this.folder.length));
      const value = event.type === "put" ? event.entry.value : undefined;
      if (kind === "duty") {
        if (value === undefined) this.duties.delete(id);
        else this.duties.set(id, value);
      } else if (kind === "result") {
        const result = value === undefined ? undefined : resultFrom(value);
        if (result === undefined) results.delete(id);
        else results.set(id, result);
      }
    }
    if (same(results, this.results)) return;
    this.results = results;
    for (const listener of this.listeners) listener(results);
  }

  #pending(): Promise<void> {
    const listed = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    listed.catch(() => {});
    return listed;
  }
}

function split(rest: string): [string, string?] {
  const slash = rest.indexOf("/");
  return slash < 0 ? [rest] : [rest.slice(0, slash), rest.slice(slash + 1)];
}

/** Undefined for what is no result: others may write here too. */
function resultFrom(text: string): ProbeResult | undefined {
  try {
    const { status, rt, ts } = JSON.parse(text) as Partial<ProbeResult>;
    if ((status !== "up" && status !== "down") || typeof rt !== "number" || typeof ts !== "number") return undefined;
    return { status, rt, ts };
  } catch {
    return undefined;
  }
}

function same(a: ReadonlyMap<string, ProbeResult>, b: ReadonlyMap<string, ProbeResult>): boolean {
  return (
    a.size === b.size && [...a].every(([id, { ts, status }]) => b.get(id)?.ts === ts && b.get(id)?.status === status)
  );
}
