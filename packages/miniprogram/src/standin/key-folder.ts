import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { generateStandinKeys, type StandinKeys } from "./keys.js";
import { generateVendorKeys, type VendorKeys } from "./vendor/keys.js";

/** A file of keys: its name, and whether what was read from it is one. */
interface KeyFile<K> {
  readonly name: string;
  generate(): Promise<K>;
  holds(value: Partial<K>): boolean;
}

const standinFile: KeyFile<StandinKeys> = {
  name: "standin-keys.json",
  generate: generateStandinKeys,
  holds: ({ appId, appSecret, merchantId, merchantSerial, apiV3Key, platform, merchant }) =>
    [appId, appSecret, merchantId, merchantSerial, apiV3Key].every((value) => typeof value === "string") &&
    Array.isArray(platform) &&
    merchant !== undefined,
};

const vendorFile: KeyFile<VendorKeys> = {
  name: "standin-vendor-keys.json",
  generate: generateVendorKeys,
  holds: ({ alipay, douyin }) =>
    typeof alipay?.appId === "string" && alipay.app !== undefined && typeof douyin?.appId === "string",
};

/**
 * The keys kept in a folder, made on first use (folder 0700, file 0600). Two processes that start at once end up with
 * the same keys. A file that cannot be read as keys is an error, never replaced: users and orders belong to them.
 */
export function loadOrCreateStandinKeys(folder: string): Promise<StandinKeys> {
  return loadOrCreate(folder, standinFile);
}

/** The keys of Alipay and Douyin in the same way, in a file of their own: folders of before have none. */
export function loadOrCreateVendorKeys(folder: string): Promise<VendorKeys> {
  return loadOrCreate(folder, vendorFile);
}

async function loadOrCreate<K>(folder: string, keyFile: KeyFile<K>): Promise<K> {
  const path = join(folder, keyFile.name);
  const existing = await load(path, keyFile);
  if (existing !== undefined) return existing;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = await keyFile.generate();
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
    const other = await load(path, keyFile);
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
}

async function load<K>(path: string, keyFile: KeyFile<K>): Promise<K | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const keys = JSON.parse(text) as Partial<K>;
  if (!keyFile.holds(keys)) {
    throw new Error(`${keyFile.name} does not hold the keys of a stand-in; move it away to have new ones made`);
  }
  return keys as K;
}
