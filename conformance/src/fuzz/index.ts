import { fileURLToPath } from "node:url";
import type { Suite } from "../runner/suite.js";
import { campaign } from "./campaign.js";
import { conversation, frames } from "./engine/conversation-targets.js";
import { pair } from "./engine/pair.js";
import { hpack } from "./hpack/decoding.js";
import { hpackDifferential } from "./hpack/differential.js";
import { hpackLists } from "./hpack/lists.js";
import type { Target } from "./target.js";

const seeds = fileURLToPath(new URL("../../seeds", import.meta.url));
export const targets: readonly Target[] = [frames, conversation, pair, hpack, hpackDifferential, hpackLists];
const defaultSeconds = 20;

export const fuzz: Suite = {
  name: "fuzz",
  summary: "frames, header blocks and whole conversations, structure-aware; HPACK against nghttp2",
  needsGo: false,
  async run({ tally, options }) {
    const seconds = (options.seconds ?? (options.short ? 5 : defaultSeconds)) / targets.length;
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    for (const target of targets) await campaign(target, seeds, seed, seconds, tally);
  },
};
