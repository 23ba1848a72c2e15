/** The client whose memory is watched. */
import { Load } from "./load.js";
import type { Answer, Ask } from "./protocol.js";
import { takeSample } from "./sample.js";

const [, , plain = "", tls = ""] = process.argv;
const load = new Load(plain, tls);
const answer = (message: Answer): void => void process.send?.(message);

process.on("message", async (message: Ask) => {
  if (message.ask === "sample") answer({ answer: "sample", sample: await takeSample() });
  else answer({ answer: "load", counts: await load.run(message.ms) });
});
process.on("disconnect", () => process.exit(0));
answer({ answer: "ready", plain, tls });
