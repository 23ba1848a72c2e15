import type { Random } from "../random.js";
import type { Step } from "../target.js";

/**
 * Header blocks by their representations (RFC 7541 section 6). Each begins with the fields of a request:
 *
 *     block                                    the next block; it is sent on a stream of its own
 *     resize <n>                               a table size update, which stands before the fields
 *     indexed <n>
 *     literal add|not|never <index|0> <name> <value>
 *     octets <hex>                             whatever they mean
 *
 * Names and values are `text`, or `~<hex>` for octets that claim to be Huffman coded.
 */
export function encodeBlocks(steps: readonly Step[]): Buffer[] {
  const blocks: Buffer[][] = [];
  let begun = true;
  for (const [word, ...args] of steps) {
    if (word === "block" || blocks.length === 0) {
      blocks.push([]);
      begun = false;
    }
    const block = blocks.at(-1) as Buffer[];
    if (word === "block") continue;
    if (word === "resize") {
      block.push(integer(Number(args[0]), 5, 0x20));
      continue;
    }
    if (!begun) block.push(requestPrefix);
    begun = true;
    block.push(representation(word, args));
  }
  return blocks.map((parts) => Buffer.concat(parts.includes(requestPrefix) ? parts : [...parts, requestPrefix]));
}

/** :method POST, :scheme http, :path /, :authority a, without touching the table. */
const requestPrefix = Buffer.from([0x83, 0x86, 0x84, 0x01, 0x01, 0x61]);

function representation(word = "", args: readonly string[]): Buffer {
  if (word === "indexed") return integer(Number(args[0]), 7, 0x80);
  if (word === "octets") return Buffer.from(args[0] ?? "", "hex");
  const [how, index = "0", name = "", value = ""] = args;
  const [bits, pattern] = how === "add" ? [6, 0x40] : how === "never" ? [4, 0x10] : [4, 0];
  const start = integer(Number(index), bits as number, pattern as number);
  return Buffer.concat([start, ...(index === "0" ? [string(name)] : []), string(value)]);
}

function string(text: string): Buffer {
  const huffman = text.startsWith("~");
  const octets = huffman ? Buffer.from(text.slice(1), "hex") : Buffer.from(text === "-" ? "" : text, "latin1");
  return Buffer.concat([integer(octets.length, 7, huffman ? 0x80 : 0), octets]);
}

function integer(value: number, bits: number, pattern: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.of(pattern | value);
  const octets = [pattern | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 128);
  octets.push(rest);
  return Buffer.from(octets);
}

const names = ["x-a", "x-b", "x-longer-name", "grpc-timeout", "user-agent", "accept", "x-c.d_e"];
const values = ["1", "-", "same", "gzip", "v".repeat(200), "a-value/with;marks=1,2", "0123456789"];

/** Half of all blocks are right; the rest goes wrong in one place or more. */
export function generateBlocks(random: Random): Step[] {
  const steps: Step[] = [];
  const wrong = random.chance(0.5);
  for (let blocks = 1 + random.below(5); blocks > 0; blocks--) {
    steps.push(["block"]);
    if (random.chance(0.2))
      steps.push(["resize", String(random.pick(wrong ? [0, 100, 4096, 4097, 2 ** 30] : [0, 50, 100, 1000, 4096]))]);
    for (let n = random.below(8); n > 0; n--) steps.push(oneStep(random, wrong));
  }
  return steps;
}

function oneStep(random: Random, wrong: boolean): Step {
  if (wrong && random.chance(0.15)) return ["octets", random.hex(1 + random.below(6))];
  if (wrong && random.chance(0.1)) return ["indexed", String(random.pick([0, 61, 62, 63, 70, 127, 200, 2 ** 20]))];
  // Static entries of ordinary fields with a value; the table's own begin at 62.
  if (random.chance(0.2)) return ["indexed", String(random.pick([16, 16, 62, 62, 62 + random.below(4)]))];
  const how = random.pick(["add", "add", "not", "never"]);
  const index = random.chance(0.3) ? String(random.pick([16, 19, 24, 58, 62, 63])) : "0";
  const name = random.chance(0.05) ? `~${random.hex(1 + random.below(3))}` : random.pick(names);
  return ["literal", how, index, name, random.chance(0.3) ? `~${random.hex(random.below(8))}` : random.pick(values)];
}
