import { AppErrors } from "@sampan/app";
import { CommandError } from "../command/command-error.js";

/** The parts of the platform that listen, and the flag that moves each. */
const listening: readonly { readonly part: RegExp; readonly what: string; readonly flag: string }[] = [
  { part: /^edge gateway /, what: "the gateway", flag: "--port" },
  { part: /^dependency platform$/, what: "the stand-in", flag: "--standin" },
  { part: /^admin port$/, what: "the admin page", flag: "--process.admin-port" },
];

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken: another process listens there",
  EACCES: "needs more rights than this user has",
  EADDRNOTAVAIL: "is not an address of this machine",
};

/** For a start that failed because something cannot listen: which port, whose, and how to choose another. */
export function takenAddress(error: unknown): CommandError | undefined {
  if (!AppErrors.START_FAILED.is(error)) return undefined;
  const { part = "" } = error.info?.metadata ?? {};
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    const { code = "", syscall, port, address } = cause as NodeJS.ErrnoException & { port?: number; address?: string };
    const reason = syscall === "listen" ? reasons[code] : undefined;
    if (reason === undefined) continue;
    const found = listening.find((each) => each.part.test(part));
    if (code === "EADDRNOTAVAIL")
      return new CommandError(
        `${address ?? "the address"} (${found?.what ?? part}) ${reason}`,
        "choose one that it has",
      );
    const flag = found === undefined ? "" : `choose another one with ${found.flag} <number>`;
    const fix = code === "EADDRINUSE" && flag !== "" ? `stop that process, or ${flag}` : flag;
    return new CommandError(`port ${port ?? ""} (${found?.what ?? part}) ${reason}`, fix);
  }
  return undefined;
}
