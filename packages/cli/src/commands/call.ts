import { callHelp } from "../call/call-options.js";
import { type CallIo, runCall } from "../call/run-call.js";
import type { Command } from "../command/command.js";

export const call: Command = {
  name: "call",
  summary: "call a method of a service over gRPC, or list what there is",
  help: callHelp,
  run: (argv) => runCall(argv, terminal),
};

const terminal: CallIo = {
  input: process.stdin,
  print: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(`${text}\n`, (error) => {
        // Whoever read it, such as head, has what they wanted.
        if ((error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE") process.exit(0);
        if (error) reject(error);
        else resolve();
      });
    }),
  warn: (text) => console.error(text),
  onInterrupt(interrupted) {
    // Once: a second Ctrl-C ends the process.
    process.once("SIGINT", interrupted);
    return () => void process.off("SIGINT", interrupted);
  },
};
