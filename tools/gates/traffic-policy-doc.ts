import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { renderTrafficPolicy, trafficPolicyDoc } from "../traffic-policy-doc/render.js";
import type { Gate } from "./gate.js";

const fix = "npm run traffic-policy, and commit the page";

export const trafficPolicyDocumented: Gate = {
  name: "traffic-policy-doc",
  purpose: `${trafficPolicyDoc} says what traffic rules can say`,
  async find(root) {
    const wanted = (await renderTrafficPolicy(root)).split("\n");
    if (!existsSync(join(root, trafficPolicyDoc))) return [{ file: trafficPolicyDoc, problem: "is missing", fix }];
    const written = readFileSync(join(root, trafficPolicyDoc), "utf8").split("\n");
    const at = Array.from({ length: Math.max(wanted.length, written.length) }).findIndex(
      (_, index) => wanted[index] !== written[index],
    );
    if (at < 0) return [];
    const problem = `says ${JSON.stringify(written[at] ?? "nothing")}, the code ${JSON.stringify(wanted[at] ?? "nothing")}`;
    return [{ file: trafficPolicyDoc, line: at + 1, problem, fix }];
  },
};
