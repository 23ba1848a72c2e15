import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";
import { type Platform, startPlatform } from "../platform/start-platform.js";

const help = `sampan up: runs the whole platform in this process, on embedded defaults

  --data <folder>   where everything is kept (default .sampan)
  --port <number>   where the gateway listens (default 8080; 0 picks a free port)
  --standin <number>  where the stand-in of the mini-program platform listens (default: the gateway's port + 1)
  --fresh           forget everything that is in the folder first
  --help

Every setting can be given as a flag too, such as --order.payment-window 5m or --process.log-level debug.
Ctrl-C finishes the work in hand and stops; a second one stops at once. Nothing that was answered is lost.`;

/** Own flags are taken out; the rest are settings, which know their names and complain about others. */
interface UpFlags {
  readonly data: string;
  readonly port: number;
  readonly standinPort: number;
  readonly fresh: boolean;
  readonly rest: readonly string[];
}

export const up: Command = {
  name: "up",
  summary: "run the whole platform in one process",
  help,
  async run(argv) {
    const flags = readFlags(argv);
    const started = performance.now();
    const platform = await startPlatform({
      data: flags.data,
      fresh: flags.fresh,
      port: flags.port,
      standinPort: flags.standinPort,
      argv: flags.rest,
      set: { process: process.stdout.isTTY ? { logFormat: "pretty" } : {} },
    });
    console.log(welcome(platform, performance.now() - started));
    await platform.process.stopped;
    return 0;
  },
};

function readFlags(argv: readonly string[]): UpFlags {
  let data = ".sampan";
  let port = 8080;
  let standinPort: number | undefined;
  let fresh = false;
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [name = "", inline] = (argv[i] as string).split(/=(.*)/s);
    const value = (): string => {
      const text = inline ?? argv[++i];
      if (text === undefined || text === "") throw new CommandError(`${name} needs a value`, "sampan up --help says which", 2);
      return text;
    };
    if (name === "--data") data = value();
    else if (name === "--port") port = portOf(name, value());
    else if (name === "--standin") standinPort = portOf(name, value());
    else if (name === "--fresh") fresh = true;
    else rest.push(argv[i] as string);
  }
  return { data, port, standinPort: standinPort ?? (port === 0 ? 0 : port + 1), fresh, rest };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_534) throw new CommandError(`${name} ${text} is not a port (0 to 65534)`, "", 2);
  return port;
}

function welcome({ url, standinUrl, adminUrl, folder }: Platform, ms: number): string {
  const state = folder.isNew ? "a new installation" : "what was there before";
  return `
Sampan is ready after ${Math.round(ms)} ms, with ${state} in ${folder.path}

  gateway     ${url}
  stand-in    ${standinUrl || "(the real platform)"}    users, codes and payments for development
  admin       ${adminUrl || "(off)"}    health, metrics, traces
  operator    the key is in ${folder.path}/operator-key

Try:
  curl ${url}/v1/products
  npm run journey -- --url ${url} --standin ${standinUrl} --data ${folder.path}
`;
}
