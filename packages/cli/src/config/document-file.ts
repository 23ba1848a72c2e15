import { readFile } from "node:fs/promises";
import { CommandError } from "../command/command-error.js";

/** The text of a file. Throws `CommandError`. */
export async function documentFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a file that exists", 2);
  }
}
