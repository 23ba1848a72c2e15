import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { generateStandinKeys, type StandinKeys } from "./keys.js";

const fileName = "standin-keys.json";

/**
 * The keys kept in a folder, made on first use (folder 0700, file 0600). Two processes that start at once end up with
 * the same keys. A file that cannot be read as keys is an error, never replaced: users and orders belong to them.
 */
export async function loadOrCreateStandinKeys(folder: string): Promise<StandinKeys> {
  const path = join(folder, fileName);
  const existing = await load(path);
  if (existing !== undefined) return existing;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = await generateStandinKeys();
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(keys, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A link, not a rename, because it fails when another process was faster.
    await link(draft, path);
    return keys;
  } catch (error) {
    const other = await load(path);
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
}

async function load(path: string): Promise<StandinKeys | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const keys = JSON.parse(text) as Partial<StandinKeys>;
  const texts = [keys.appId, keys.appSecret, keys.merchantId, keys.merchantSerial, keys.apiV3Key];
  if (
    texts.some((value) => typeof value !== "string") ||
    !Array.isArray(keys.platform) ||
    keys.merchant === undefined
  ) {
    throw new Error(`${fileName} does not hold the keys of a stand-in; move it away to have new ones made`);
  }
  return keys as StandinKeys;
}
