import type { Suite } from "../runner/suite.js";
import { chainCases } from "./chain-cases.js";
import { goSpiffe } from "./go-spiffe.js";
import { mtlsCases } from "./mtls-cases.js";
import { workloadCases } from "./workload-cases.js";

/** How long calls go on while certificates of four seconds change. */
const rotationMs = 20_000;
const shortRotationMs = 9000;

export const spiffe: Suite = {
  name: "spiffe",
  summary: "our Workload API, certificates and mTLS beside another implementation of SPIFFE (go-spiffe)",
  needsGo: true,
  async run({ cache, tally, options }) {
    const program = await goSpiffe(cache);
    await chainCases(program, tally);
    await workloadCases(program, tally);
    await mtlsCases(program, tally, options.short ? shortRotationMs : rotationMs);
  },
};
