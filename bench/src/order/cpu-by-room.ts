/** As the inspector gives it: `samples` are node ids, `timeDeltas` microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

/** Microseconds of CPU by room: each sample counts for the room that its innermost function stands in. */
export function timeByRoom({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Record<string, number> {
  const rooms = new Map(nodes.map(({ id, callFrame }) => [id, roomOf(callFrame.functionName, callFrame.url)]));
  const times: Record<string, number> = {};
  samples.forEach((id, index) => {
    const room = rooms.get(id) ?? "unknown";
    times[room] = (times[room] ?? 0) + (timeDeltas[index] ?? 0);
  });
  return times;
}

function roomOf(name: string, url: string): string {
  if (name === "(idle)") return "idle";
  if (name === "(garbage collector)") return "garbage collection";
  const own = /\/(packages|services)\/([^/]+)\/dist\//.exec(url);
  if (own !== null) return own[1] === "services" ? `service ${own[2]}` : `package ${own[2]}`;
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (dependency !== null) return `dependency ${dependency[1]}`;
  if (/^(node:)?(internal\/)?crypto/.test(url)) return "node crypto";
  return url.startsWith("node:") ? "node" : "native";
}
