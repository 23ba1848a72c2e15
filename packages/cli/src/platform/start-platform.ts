import { type RunningProcess, type RunOptions, run } from "@sampan/app";
import { type DataFolder, openDataFolder } from "./data-folder.js";
import { services } from "./services.js";

export interface PlatformOptions {
  readonly data: string;
  readonly fresh?: boolean;
  /** 0 picks a free one. */
  readonly port: number;
  /** 0 picks a free one. */
  readonly standinPort?: number;
  /** Settings by section and name, above flags and environment. */
  readonly set?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Settings flags, such as `--order.payment-window 5m`. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly run?: Pick<RunOptions, "clientLayers" | "layers" | "sagaBoundary" | "signals">;
}

/** The whole platform in this process. */
export interface Platform {
  readonly process: RunningProcess;
  readonly folder: DataFolder;
  /** The gateway, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The stand-in of the mini-program platform; empty in real mode. */
  readonly standinUrl: string;
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** Starts all services on a data folder, with the embedded stand-in. Throws `CommandError`, `SettingsError`, `RpcError`. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const folder = openDataFolder(options.data, options.fresh === undefined ? {} : { fresh: options.fresh });
  try {
    const { set = {} } = options;
    const process = await run(services, {
      ...options.run,
      sources: {
        argv: options.argv ?? [],
        ...(options.env === undefined ? {} : { env: options.env }),
        set: {
          ...set,
          process: { data: folder.path, ...set.process },
          auth: { operatorKey: folder.operatorKey, ...set.auth },
          gateway: { port: options.port, ...set.gateway },
          platform: { standinPort: options.standinPort ?? 0, ...set.platform },
        },
      },
    });
    void process.stopped.then(() => folder.release());
    const address = (name: string): string => process.addresses.get(name) ?? "";
    return {
      process,
      folder,
      url: address("gateway"),
      standinUrl: address("standin"),
      adminUrl: address("admin"),
      stop: () => process.stop(),
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}
