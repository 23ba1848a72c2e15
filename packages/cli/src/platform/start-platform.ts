import {
  type RunningProcess,
  type RunOptions,
  readServiceSettings,
  run,
  type SectionValues,
  type SettingsOptions,
} from "@sampan/app";
import type { Secret } from "@sampan/config";
import { removeAddresses, writeAddresses } from "./addresses-file.js";
import { type DataFolder, folderProblem, openDataFolder } from "./data-folder.js";
import { services } from "./services.js";
import { takenAddress } from "./taken-address.js";

export interface PlatformOptions {
  /** Default: the setting `process.data`. */
  readonly data?: string;
  /** Deletes what the folder keeps first; when the settings are all right. */
  readonly fresh?: boolean;
  /** 0 picks a free one. Default: the setting `gateway.port`. */
  readonly port?: number;
  /** 0 picks a free one. Default: the setting `platform.standinPort`, or else the port after the gateway's. */
  readonly standinPort?: number;
  /** Settings by section and name, above flags and environment. */
  readonly set?: SectionValues;
  /** Settings by section and name, below everything that people say. */
  readonly defaults?: SectionValues;
  /** Settings flags, such as `--order.payment-window 5m`. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly run?: Pick<RunOptions, "clientLayers" | "layers" | "logSink" | "sagaBoundary" | "signals" | "onState">;
}

/** The whole platform, wherever its services run. */
export interface Platform {
  readonly process: RunningProcess;
  readonly folder: DataFolder;
  /** What an operator logs in with. */
  readonly operatorKey: string;
  /** The gateway, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The stand-in of the mini-program platform; empty in real mode. */
  readonly standinUrl: string;
  /** Empty when the admin port is off. */
  readonly adminUrl: string;
  /** Drains and closes; rejects when something did not close. */
  stop(): Promise<void>;
  /** Resolves when it has stopped, and the folder is free. */
  readonly stopped: Promise<void>;
}

/**
 * Starts all services in this process on a data folder, with the embedded stand-in. Settings are read first, so that
 * nothing is touched, and nothing deleted, when one is wrong. Throws `SettingsError`, `CommandError` for a folder or a
 * port that cannot be had, or what `run` throws; the folder is free again then.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const checked = readServiceSettings(
    services,
    platformSources(options, { operatorKey: "made when the folder is opened" }),
  );
  const port = checked.section("gateway").port as number;
  const folder = openDataFolder(checked.process.data, { fresh: options.fresh ?? false });
  const standinPort = port === 0 || port === 65_535 ? 0 : port + 1;
  const sources = platformSources(options, { data: folder.path, operatorKey: folder.operatorKey, standinPort });
  try {
    const operatorKey = readServiceSettings(services, sources).section("auth").operatorKey as Secret;
    const process = await run(services, { ...options.run, sources });
    const address = (name: string): string => process.addresses.get(name) ?? "";
    const reached = { url: address("gateway"), standinUrl: address("standin"), adminUrl: address("admin") };
    try {
      writeAddresses(folder.path, { ...reached, grpc: {} });
    } catch (error) {
      await process.stop();
      throw folderProblem(folder.path, error);
    }
    return {
      process,
      folder,
      operatorKey: operatorKey.reveal(),
      ...reached,
      stop: () => process.stop(),
      stopped: process.stopped.then(() => {
        removeAddresses(folder.path);
        folder.release();
      }),
    };
  } catch (error) {
    folder.release();
    throw takenAddress(error) ?? error;
  }
}

/** What is only known when the folder is open. */
interface Found {
  readonly data?: string;
  readonly operatorKey: string;
  readonly standinPort?: number;
}

/** The settings of a platform: what its options say above flags, environment and files. */
export function platformSources(options: PlatformOptions, found: Found): SettingsOptions {
  const { set = {}, defaults = {}, argv = [], env } = options;
  return {
    argv,
    ...(env === undefined ? {} : { env }),
    set: {
      ...set,
      // What is undefined is not set.
      process: { data: found.data ?? options.data, ...set.process },
      gateway: { port: options.port, ...set.gateway },
      platform: { standinPort: options.standinPort, ...set.platform },
    },
    defaults: {
      ...defaults,
      auth: { operatorKey: found.operatorKey, ...defaults.auth },
      platform: { standinPort: found.standinPort, ...defaults.platform },
    },
  };
}
