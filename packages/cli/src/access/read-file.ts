import { readFile } from "node:fs/promises";
import { type AccessPolicy, readAccessPolicy } from "@sampan/identity/access";
import { CommandError } from "../command/command-error.js";

/** The policy of a file. Throws `CommandError` with every problem on a line of its own. */
export async function readPolicyFile(file: string): Promise<AccessPolicy> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
  const { policy, problems } = readAccessPolicy(text);
  if (problems === undefined) return policy;
  const lines = problems.map(({ line, column, why }) => `${file}:${line}:${column}: ${why}`).join("\n");
  throw new CommandError(`${file} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n${lines}`);
}
