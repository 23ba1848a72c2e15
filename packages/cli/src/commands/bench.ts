import type { Command } from "../command/command.js";
export const bench: Command = { name: "bench", summary: "measure", help: "", run: () => Promise.resolve(0) };
