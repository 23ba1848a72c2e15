import type { Clock } from "@sampan/core";
import type { ProbeBoard, ProbeResult } from "./board.js";

interface Kept<T> {
  value: T;
  until: number;
}

interface ServiceBoard {
  readonly duties: Map<string, Kept<string>>;
  readonly results: Map<string, Kept<ProbeResult>>;
  readonly listeners: Set<(results: ReadonlyMap<string, ProbeResult>) => void>;
}

export interface MemoryBoardOptions {
  /** Instances of all services together that may have a duty or a result. Default 20000. */
  readonly maxEntries?: number;
}

/** A board in this process: for services that share a process, and behind the supervisor's registry. */
export function memoryBoard(clock: Clock, options: MemoryBoardOptions = {}): ProbeBoard {
  const maxEntries = options.maxEntries ?? 20_000;
  const services = new Map<string, ServiceBoard>();
  let entries = 0;

  const of = (service: string): ServiceBoard => {
    let board = services.get(service);
    if (board === undefined) {
      board = { duties: new Map(), results: new Map(), listeners: new Set() };
      services.set(service, board);
    }
    return board;
  };
  const set = <T>(map: Map<string, Kept<T>>, id: string, value: T, ttlMs: number): boolean => {
    if (!map.has(id)) {
      if (entries >= maxEntries) sweep();
      if (entries >= maxEntries) return false;
      entries++;
    }
    map.set(id, { value, until: clock.monotonic() + ttlMs });
    return true;
  };
  const drop = (map: Map<string, Kept<unknown>>, id: string): void => {
    if (map.delete(id)) entries--;
  };
  const sweep = (): void => {
    const now = clock.monotonic();
    for (const [service, board] of services) {
      for (const map of [board.duties, board.results])
        for (const [id, { until }] of map) if (until <= now) drop(map as Map<string, Kept<unknown>>, id);
      if (board.duties.size + board.results.size + board.listeners.size === 0) services.delete(service);
    }
  };
  const current = (board: ServiceBoard): ReadonlyMap<string, ProbeResult> => {
    const now = clock.monotonic();
    const results = new Map<string, ProbeResult>();
    for (const [id, { value, until }] of board.results) if (until > now) results.set(id, value);
    return results;
  };

  return {
    async claim(service, ids, owner, ttlMs) {
      const { duties } = of(service);
      const free = (id: string): boolean => {
        const held = duties.get(id);
        return held === undefined || held.until <= clock.monotonic() || held.value === owner;
      };
      return new Set(ids.filter((id) => free(id) && set(duties, id, owner, ttlMs)));
    },
    async release(service, ids, owner) {
      const { duties } = of(service);
      for (const id of ids) if (duties.get(id)?.value === owner) drop(duties, id);
    },
    async publish(service, published, ttlMs) {
      const board = of(service);
      for (const [id, result] of published) set(board.results, id, result, ttlMs);
      const results = current(board);
      for (const listener of board.listeners) listener(results);
    },
    watch(service, listener) {
      const board = of(service);
      board.listeners.add(listener);
      listener(current(board));
      return { close: () => void board.listeners.delete(listener) };
    },
  };
}
