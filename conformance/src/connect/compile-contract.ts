import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const buf = fileURLToPath(new URL("../../../node_modules/.bin/buf", import.meta.url));

/** Compiles the runner's .proto files where Go has unpacked them; gives the file with the descriptors. */
export async function compileContract(moduleFolder: string, folder: string): Promise<string> {
  const image = join(folder, "contract.binpb");
  if (existsSync(image)) return image;
  const unfinished = join(folder, "unfinished.binpb");
  await promisify(execFile)(buf, ["build", join(moduleFolder, "proto"), "--as-file-descriptor-set", "-o", unfinished]);
  await rename(unfinished, image);
  return image;
}
