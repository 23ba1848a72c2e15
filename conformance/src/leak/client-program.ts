/** The client whose memory is watched. */
import { Load } from "./load.js";
import type { Answer, Ask } from "./protocol.js";
import { takeSample } from "./sample.js";

const [, , plain = "", tls = ""] = process.argv;
const load = new Load(plain, tls);
const answer = (message: Answer): void => void process.send?.(message);

process.on("message", async (message: Ask) => {
  if (message.ask === "sample") answer({ answer: "sample", sample: await takeSample() });
  else await load.run(message.turns).then(() => answer({ answer: "done" }));
});
process.on("disconnect", () => process.exit(0));
answer({ answer: "ready", plain, tls });
