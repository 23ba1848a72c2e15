import type { Program } from "../peers/peers.js";
import type { Load } from "./load.js";

/** A generator that takes `-target`, `-seconds` and its own flags, and prints a line of JSON. */
export function goLoad(program: Program, flags: Readonly<Record<string, number | true>>): Load {
  const own = Object.entries(flags).map(([name, value]) => `-${name}=${value}`);
  return {
    program: (port, seconds) => ({
      ...program,
      command: [...program.command, `-target=127.0.0.1:${port}`, `-seconds=${seconds}`, ...own],
    }),
    parse: parseFigures,
  };
}

/** A client of the `client` bench: target, connections, calls in flight, seconds. */
export function clientLoad(program: Program, connections: number, inFlight: number): Load {
  return {
    program: (port, seconds) => ({
      ...program,
      command: [...program.command, `127.0.0.1:${port}`, String(connections), String(inFlight), String(seconds)],
    }),
    parse: parseFigures,
  };
}

interface Figures {
  readonly calls: number;
  readonly seconds: number;
  readonly p50?: number;
  readonly p99?: number;
}

function parseFigures(output: string): ReturnType<Load["parse"]> {
  const { calls, seconds, ...latencies } = JSON.parse(output) as Figures;
  return { callsPerSecond: calls / seconds, ...latencies };
}
