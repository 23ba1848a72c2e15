import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  type Connection,
  connect as connectHere,
  type HeaderList,
  HeaderTemplate,
  listen,
  type Stream,
} from "@sampan/h2";
import { requestFields } from "../engine/conversation.js";
import type { Random } from "../random.js";
import type { Step, Target } from "../target.js";

const names = ["x-a", "x-b", "x-c", "x-d", "authorization", "cookie-like", "x-a-name-that-is-long-enough-to-count"];
const marks = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~abcXYZ0189";

/**
 * Lists of fields, encoded here and decoded by nghttp2, and the other way round, on one connection with tables of any
 * size:
 *
 *     tables <ours> <theirs>           what each side announces (first step)
 *     list <name>=<encoded value> …    one request; the first half of it is sent as constant headers
 */
export const hpackLists: Target = {
  name: "hpack-lists",
  generate(random: Random) {
    const sizes = ["0", "64", "300", "4096", "65536"];
    const steps: Step[] = [["tables", random.pick(sizes), random.pick(sizes)]];
    for (let n = 3 + random.below(15); n > 0; n--) {
      const chosen = Array.from({ length: random.below(8) }, () => random.pick(names));
      // Node lets this one be there once.
      const allowed = chosen.filter((name, i) => name !== "authorization" || chosen.indexOf(name) === i);
      steps.push(["list", ...allowed.map((name) => `${name}=${encodeURIComponent(value(random))}`)]);
    }
    return steps;
  },
  async run(steps) {
    const [, ours = "4096", theirs = "4096"] = steps[0]?.[0] === "tables" ? steps[0] : [];
    const lists = steps.filter(([word]) => word === "list").map(([, ...pairs]) => pairs.flatMap(toField));
    assert.deepEqual(
      await theirsToOurs(lists, Number(ours), Number(theirs)),
      lists,
      "encoded by nghttp2, decoded here",
    );
    assert.deepEqual(
      await oursToTheirs(lists, Number(ours), Number(theirs)),
      lists,
      "encoded here, decoded by nghttp2",
    );
  },
};

function value(random: Random): string {
  if (random.chance(0.4)) return random.pick(["same", "", "1", "v".repeat(random.below(400))]);
  return Array.from({ length: random.below(40) }, () => random.pick([...marks]))
    .join("")
    .trim();
}

function toField(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
}

async function theirsToOurs(lists: readonly string[][], ours: number, theirs: number): Promise<string[][]> {
  const seen: (readonly string[])[] = [];
  const ok = new HeaderTemplate([":status", "200"]);
  const listener = await listen({
    at: { port: 0, host: "127.0.0.1" },
    connection: { headerTableSize: ours },
    accept: (connection) => ({
      onHeaders(stream: Stream, list: HeaderList) {
        seen.push(list.fields);
        connection.sendHeaders(stream, ok, undefined, true);
      },
      onData() {},
      onTrailers() {},
      onReset() {},
      onWritable() {},
    }),
  });
  const session = connect(`http://127.0.0.1:${listener.port}`, { settings: { headerTableSize: theirs } });
  try {
    for (const list of lists) {
      const call = session.request(grouped(list), { endStream: true });
      call.resume();
      await once(call, "close");
    }
  } finally {
    session.destroy();
    await listener.close();
  }
  // Node sends several values of a name together, so both sides are compared in that order.
  return seen.map((fields, i) => (sameGroups(fields, lists[i] ?? []) ? (lists[i] ?? []) : [...fields]));
}

async function oursToTheirs(lists: readonly string[][], ours: number, theirs: number): Promise<string[][]> {
  const seen: string[][] = [];
  const server = createServer({ settings: { headerTableSize: theirs } });
  server.on("stream", (stream, _headers, _flags, ...more: unknown[]) => {
    const [raw] = more as [string[]];
    // Behind the pseudo-header fields and `te`.
    seen.push(raw.slice(requestFields.length));
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  let ended = (): void => {};
  const connection = await connectHere({
    to: { port: (server.address() as AddressInfo).port, host: "127.0.0.1" },
    connection: { headerTableSize: ours },
    listener: () => ({
      onHeaders: () => ended(),
      onData() {},
      onTrailers() {},
      onReset: () => ended(),
      onWritable() {},
      onClose: () => ended(),
    }),
  });
  try {
    await sendAll(connection, lists, (next) => {
      ended = next;
    });
  } finally {
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  }
  return seen;
}

async function sendAll(
  connection: Connection,
  lists: readonly string[][],
  onEnd: (next: () => void) => void,
): Promise<void> {
  for (const list of lists) {
    const half = list.length - (list.length % 4);
    const template = new HeaderTemplate([...requestFields, ...list.slice(0, half / 2)]);
    const answered = new Promise<void>(onEnd);
    connection.open(template, list.slice(half / 2), true);
    await answered;
  }
}

/** As node:http2 takes headers: an object, several values of one name in a list. */
function grouped(list: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { ":method": "POST", ":path": "/" };
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    const before = headers[name];
    headers[name] = before === undefined ? (list[i + 1] as string) : [before, list[i + 1] as string].flat();
  }
  return headers;
}

function sameGroups(fields: readonly string[], list: readonly string[]): boolean {
  const { ":method": _method, ":path": _path, ...wanted } = grouped(list);
  const { ":method": _m, ":path": _p, ...got } = grouped(fields);
  return JSON.stringify(sorted(got)) === JSON.stringify(sorted(wanted));
}

function sorted(headers: Record<string, unknown>): unknown {
  return Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
}
