import type { Random } from "../random.js";
import type { Step, Target } from "../target.js";
import { converse } from "./conversation.js";

const edges = [0, 1, 5, 8, 100, 3000, 16_384, 65_535, 2 ** 24 - 1, 2 ** 31 - 1];
const ids = [0, 1, 1, 1, 3, 3, 5, 7, 9, 2, 11, 2 ** 31 - 1];

/** Frames of every type with every flag, whole and broken, in any order. */
export const frames: Target = {
  name: "frames",
  generate(random) {
    const steps: Step[] = [[random.pick(["server", "server", "client"])], opening(random)];
    for (let n = 3 + random.below(25); n > 0; n--) steps.push(anyFrame(random));
    return steps;
  },
  run: converse,
};

/** Mostly legal conversations, with an application that answers, reads late, resets and drains at any moment. */
export const conversation: Target = {
  name: "conversation",
  generate(random) {
    const client = random.chance(0.4);
    const steps: Step[] = [[client ? "client" : "server"], opening(random), ["cut", random.pick(["1", "7", "100000"])]];
    let opened = 0;
    for (let n = 10 + random.below(70); n > 0; n--) {
      if (!client && random.chance(0.15)) steps.push(["request", String(1 + 2 * opened++), ...ending(random)]);
      else steps.push(random.chance(0.02) ? anyFrame(random) : ordinary(random, client));
    }
    return steps;
  },
  run: converse,
};

function opening(random: Random): Step {
  return ["settings", ...(random.chance(0.7) ? [`4=${random.pick([0, 1, 1000, 65_535, 100_000])}`] : [])];
}

function ending(random: Random): string[] {
  return random.chance(0.3) ? ["end"] : [];
}

function ordinary(random: Random, client: boolean): Step {
  const id = String(1 + 2 * random.below(6));
  const size = String(random.below(2 ** random.below(13)));
  const index = String(random.below(6));
  switch (random.below(16)) {
    case 0:
    case 1:
      return ["data", id, size, ...ending(random)];
    case 2:
      return client ? ["answer", id, ...ending(random)] : ["trailers", id, "end"];
    case 3:
      return random.chance(0.2)
        ? ["reset", id, String(random.below(14))]
        : ["update", id, String(1 + random.below(4000))];
    case 4:
      return ["update", "0", String(1 + random.below(20_000))];
    case 5:
      return random.pick<Step>([
        ["ack"],
        ["ping"],
        ["settings", `4=${random.below(4000)}`],
        ["settings", `1=${random.below(5000)}`],
      ]);
    case 6:
      return ["tick", String(random.below(3000))];
    case 7:
      return random.pick<Step>([["block"], ["unblock"], ["unblock"]]);
    case 8:
      return random.chance(0.1) ? ["app", random.pick(["drain", "close"]), "0", "0"] : ["app", "open", "0", size];
    case 9:
      return random.chance(0.3) ? ["app", "reset", index, size] : ["app", "finish", index, "0"];
    case 10:
    case 11:
      return ["app", client ? "open" : "respond", index, size];
    case 12:
    case 13:
      return ["app", "data", index, String(random.below(20_000))];
    default:
      return ["app", random.pick(["consume", "consume", "hold", "release"]), index, size];
  }
}

function anyFrame(random: Random): Step {
  const id = String(random.pick(ids));
  switch (random.below(10)) {
    case 0:
      return ["octets", random.hex(random.below(40))];
    case 1:
      return ["request", id, ...ending(random)];
    case 2:
      return ["answer", id, ...ending(random)];
    case 3:
      return ["update", id, String(Math.max(0, random.size(edges)))];
    case 4:
      return ["settings", `${random.below(8)}=${Math.max(0, random.size(edges))}`];
    case 5:
      return ["data", id, String(random.below(5000)), ...ending(random)];
    case 6:
      return ["goaway", String(random.pick(ids)), String(random.below(16))];
    default: {
      const octets = random.pick([0, 1, 4, 5, 6, 8, 9, 12, random.below(200)]);
      return ["frame", String(random.below(12)), String(random.below(256)), id, random.hex(octets)];
    }
  }
}
