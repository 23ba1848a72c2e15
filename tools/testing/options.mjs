/** The command line of `npm test`. */
import { parseArgs } from "node:util";

export const usage = `npm test -- [options]

Installs dependencies and compiles when needed, then runs the unit tests, the gates, and the system suites, one after another.
The last line is "N passed, N failed, N skipped"; the exit status is 1 when something failed.

  --only <text>     only the suites and gates whose name contains <text>; repeat it for more (a gate is "gate:<name>")
  --install         first get the Debian packages of the engines that suites ask for (apt-get, as root)
  --time-limit <s>  seconds that one suite may take, instead of its own limit
  --help            this text

Environment: CI=true makes a skipped suite or test a failure unless tools/testing/allowed-skips.mjs lists it.
`;

/**
 * @typedef {object} TestOptions
 * @property {readonly string[]} only
 * @property {boolean} install
 * @property {boolean} help
 * @property {number | undefined} timeLimitMs
 */

/** Throws with the usage on an unknown option. @param {readonly string[]} args @returns {TestOptions} */
export function parseOptions(args) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true, default: [] },
        install: { type: "boolean", default: false },
        "time-limit": { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (positionals.length > 0)
      throw new Error(`"${positionals[0]}" is not an option; did you mean --only ${positionals[0]}?`);
    const limit = values["time-limit"];
    if (limit !== undefined && !(Number(limit) > 0)) throw new Error(`--time-limit takes seconds, not "${limit}"`);
    return {
      only: values.only,
      install: values.install,
      help: values.help,
      timeLimitMs: limit === undefined ? undefined : Number(limit) * 1000,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
