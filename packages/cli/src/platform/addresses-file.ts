import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../command/command-error.js";
import { addressesFile } from "./own-files.js";

/** Where a platform that runs can be reached, for other commands; in a file of its data folder while it runs. */
export interface PlatformAddresses {
  /** Of the process that owns the folder. */
  readonly pid: number;
  readonly url: string;
  readonly standinUrl: string;
  readonly adminUrl: string;
  /** Full name of a service to its gRPC target; empty when the platform serves no gRPC. */
  readonly grpc: Readonly<Record<string, string>>;
  /** Whose certificates these targets ask for; absent when they ask for none. */
  readonly mtls?: { readonly trustDomain: string; readonly namespace: string } | undefined;
}

/** The file appears complete or not at all. The caller owns the folder. */
export function writeAddresses(folder: string, addresses: Omit<PlatformAddresses, "pid">): void {
  const file = join(folder, addressesFile);
  writeFileSync(`${file}.draft`, `${JSON.stringify({ pid: process.pid, ...addresses }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

export function removeAddresses(folder: string): void {
  rmSync(join(folder, addressesFile), { force: true });
}

/** Throws `CommandError` when no platform runs on the folder; the file of one that was killed says nothing. */
export function readAddresses(folder: string): PlatformAddresses {
  const nobody = new CommandError(
    `no platform runs on ${folder}`,
    "start one with sampan up, name its data folder with --folder, or a server with --target",
  );
  let text: string;
  try {
    text = readFileSync(join(folder, addressesFile), "utf8");
  } catch {
    throw nobody;
  }
  const addresses = parsed(text);
  if (addresses === undefined || !isAlive(addresses.pid)) throw nobody;
  return addresses;
}

function parsed(text: string): PlatformAddresses | undefined {
  try {
    const { pid, url, standinUrl, adminUrl, grpc, mtls } = JSON.parse(text) as Partial<PlatformAddresses>;
    const names = mtls === undefined ? [] : [mtls.trustDomain, mtls.namespace];
    const texts = [url, standinUrl, adminUrl, ...names, ...Object.values(grpc ?? {})];
    if (!Number.isSafeInteger(pid) || texts.some((each) => typeof each !== "string")) return undefined;
    return { pid, url, standinUrl, adminUrl, grpc: { ...grpc }, ...(mtls && { mtls }) } as PlatformAddresses;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
