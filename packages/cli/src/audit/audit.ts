import { stat } from "node:fs/promises";
import { type ChainHead, exportTrail, type TrailReport, verifyTrail } from "@sampan/identity/audit";
import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";

const help = `sampan audit <what> <folder>: reads an audit trail; changes nothing

  sampan audit verify <folder> [--expect <number>:<hash>] [--from <number>:<hash>]
                                      checks that no line was changed, taken out or moved; with --expect, a checkpoint
                                      from the log, also that nothing was cut off or written anew; --from is the last
                                      line of what was moved to an archive. The status is 1 when something is wrong
  sampan audit export <folder> [--tenant t] [--subject s] [--caller c] [--action 'order.v1.OrderService/*'] [--outcome OK]
                      [--since 2026-11-01T00:00+08:00] [--until …]
                                      prints the entries that fit every filter as JSON lines
  --help`;

export const audit: Command = {
  name: "audit",
  summary: "verify and export audit trails",
  help,
  async run(argv) {
    return runAudit(argv, (text) => console.log(text));
  },
};

export async function runAudit(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "verify") return verify(rest, print);
  if (name === "export") return exportEntries(rest, print);
  const message = name === undefined ? "sampan audit needs to know what" : `there is no sampan audit ${name}`;
  throw new CommandError(message, "use verify or export", 2);
}

const text = { type: "string" } as const;

async function verify(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("audit", argv, { expect: text, from: text });
  const folder = await onlyFolder("verify", positionals);
  const expect = headOf("expect", values.expect);
  const from = headOf("from", values.from);
  const report = await verifyTrail(folder, {
    ...(expect === undefined ? {} : { expect }),
    ...(from === undefined ? {} : { from }),
  });
  if (report.files === 0)
    throw new CommandError(`there is no audit trail in ${folder}`, "name the folder with the files audit-….jsonl");
  for (const line of summary(report)) print(line);
  return report.problems.length === 0 ? 0 : 1;
}

function summary({ files, events, recovered, head, problems, isTorn }: TrailReport): string[] {
  if (problems.length > 0) return problems.map(({ file, line, why }) => `${file}:${line}: ${why}`);
  return [
    `${events} entries in ${files} ${files === 1 ? "file" : "files"}: whole`,
    ...(recovered === 0 ? [] : [`${recovered} times a crash has cut off a line that nobody was told of`]),
    ...(isTorn ? ["the last line is not complete: its writer was interrupted, or writes now"] : []),
    `the head is ${head.sequence}:${head.hash}`,
  ];
}

async function exportEntries(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const shape = { tenant: text, subject: text, caller: text, action: text, outcome: text, since: text, until: text };
  const { values, positionals } = readOptions("audit", argv, shape);
  const folder = await onlyFolder("export", positionals);
  const { since, until, ...rest } = values;
  const times = { from: instant("since", since), until: instant("until", until) };
  const filter = Object.fromEntries(Object.entries({ ...rest, ...times }).filter(([, value]) => value !== undefined));
  for await (const entry of exportTrail(folder, filter)) print(JSON.stringify(entry));
  return 0;
}

async function onlyFolder(command: string, positionals: readonly string[]): Promise<string> {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0)
    throw new CommandError(`sampan audit ${command} takes one folder`, "", 2);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new CommandError(`${folder} is no folder`, "name the folder with the files audit-….jsonl", 2);
  return folder;
}

function headOf(name: string, value: string | undefined): ChainHead | undefined {
  if (value === undefined) return undefined;
  const [, sequence, hash] = /^(\d+):([0-9a-f]{64})$/.exec(value) ?? [];
  if (hash === undefined)
    throw new CommandError(`--${name} ${value} is no head`, "write the number, a colon and the hash, as in the log", 2);
  return { sequence: Number(sequence), hash };
}

function instant(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw new CommandError(`--${name} ${value} is no time`, "write 2026-11-11T20:00+08:00", 2);
  return ms;
}
