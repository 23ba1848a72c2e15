/** Runs the commands of a README as its reader would: in order, in one shell, against one running platform. */
import { spawn } from "node:child_process";
import type { Finding } from "../gate.js";
import type { Command } from "./commands.js";
import { knownCommand, shownDataFolder, shownOrders, shownPort, shownStandinPort } from "./known-commands.js";
import { printsWhatIsShown } from "./shown-output.js";

export interface TourStop {
  readonly command: Command;
  /** What is typed, with the tour's own port and files in place of the shown ones. */
  readonly typed: string;
  /** What it must print, up to what changes from run to run; empty when anything is right. */
  readonly shown: string;
}

export function tourStops(
  commands: readonly Command[],
  port: number,
  ordersFile: string,
  dataFolder = shownDataFolder,
): TourStop[] {
  return commands
    .filter(({ text }) => knownCommand(text)?.runBy === "tour")
    .map((command) => ({
      command,
      typed: withPort(command.text, port)
        .replace(shownOrders, ordersFile)
        .replaceAll(`${shownDataFolder}/`, `${dataFolder}/`),
      shown: hasOwnFigures.test(command.text) ? "" : withPort(command.output, port),
    }));
}

/** Of another file, or measured: what they print is not what the README shows from its author's run. */
const hasOwnFigures = /^npm run (replay|bench)\b/;

/** The tour's ports in place of the shown ones: the gateway's, and the stand-in's beside it. */
function withPort(text: string, port: number): string {
  return text
    .replace(new RegExp(`(127\\.0\\.0\\.1|localhost):${shownPort}\\b`, "g"), `$1:${port}`)
    .replace(new RegExp(`(127\\.0\\.0\\.1|localhost):${shownStandinPort}\\b`, "g"), `$1:${port + 1}`);
}

/** curl counts an answer such as 500 as success unless it is told otherwise, and a README is easier to read without the flag. */
const prelude = ["set -o pipefail", "exec 2>&1", 'curl() { command curl -sS --fail-with-body "$@"; }'];

/**
 * One bash session, so that a variable set in one command is there in the next. It ends at the first command that fails, because
 * what follows would fail for that reason. `limitMs` is for the whole tour.
 */
export function runTour(stops: readonly TourStop[], cwd: string, limitMs: number): Promise<Finding[]> {
  const steps = stops.map(
    ({ typed }, index) => `printf '\\036%s\\036' ${index}\n${typed}\nstatus=$?; [ $status = 0 ] || exit $status`,
  );
  return new Promise((settle, reject) => {
    const child = spawn("bash", ["-c", [...prelude, ...steps].join("\n")], {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limitMs);
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      const parts = output.split("\x1e");
      if (code === 0) return settle(differences(stops, parts));
      const printed = parts.at(-1)?.trim().split("\n").slice(-20).join("\n    ") ?? "";
      const failed = stops[Number(parts.at(-2))]?.command ?? stops[0]?.command;
      const how = timedOut ? `was still running after ${limitMs / 1000} s` : `failed with status ${code}`;
      const problem = `${failed?.text ?? "the tour"} ${how}:\n    ${printed}`;
      settle([
        { file: failed?.file ?? "README.md", line: failed?.line, problem, fix: "correct the README or the platform" },
      ]);
    });
  });
}

/** `parts` are the numbers of the commands, each followed by what it printed. */
function differences(stops: readonly TourStop[], parts: readonly string[]): Finding[] {
  return stops.flatMap(({ command, shown }, index) => {
    const printed = parts[2 + 2 * index] ?? "";
    if (printsWhatIsShown(shown, printed)) return [];
    const problem = `${command.text} does not print what is shown, but:\n    ${printed.trim().split("\n").join("\n    ")}`;
    return [{ file: command.file, line: command.line, problem, fix: "show what it prints" }];
  });
}
