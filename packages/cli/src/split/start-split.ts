import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import {
  broker,
  brokerService,
  platform,
  readServiceSettings,
  run,
  type ServiceModule,
  service,
  settingSections,
} from "@sampan/app";
import { type Secret, settings } from "@sampan/config";
import { systemClock } from "@sampan/core";
import { openDataFolder } from "../platform/data-folder.js";
import { services } from "../platform/services.js";
import { type Platform, type PlatformOptions, platformSources } from "../platform/start-platform.js";
import { defaultRestarts } from "./backoff.js";
import { childEnvironment } from "./child-environment.js";
import { endOnSignals } from "./end-on-signals.js";
import { SupervisedProcess } from "./supervised-process.js";
import { makeSockets, supervisor } from "./wiring.js";

/** A platform whose services are processes. */
export interface SplitPlatform extends Platform {
  /** By service name. */
  readonly processes: ReadonlyMap<string, SupervisedProcess>;
}

/** What the supervisor itself serves: the broker, and the stand-in as a dependency. */
const supervising: ServiceModule = service({
  name: supervisor,
  settings: settings({}),
  needs: { broker, platform },
  build: ({ broker }) => ({ serves: [brokerService(broker)] }),
});

/**
 * Starts each service as a process of its own, in order, over gRPC on unix sockets; this process supervises them, and
 * serves the broker and the stand-in. Throws as `startPlatform` does, after everything that was started has ended.
 */
export async function startSplit(options: PlatformOptions): Promise<SplitPlatform> {
  const unknownKey = { operatorKey: "made when the folder is opened" };
  const checked = readServiceSettings(services, platformSources(options, unknownKey));
  const gatewayPort = (checked.section("gateway").port as number) || (await freePort());
  const folder = openDataFolder(checked.process.data, { fresh: options.fresh ?? false });
  const standinPort = options.port === 0 ? 0 : gatewayPort + 1;
  const found = { data: folder.path, operatorKey: folder.operatorKey, standinPort };
  const sources = platformSources({ ...options, port: gatewayPort }, found);
  const sockets = makeSockets();
  const release = (): void => {
    sockets.remove();
    folder.release();
  };
  try {
    const full = readServiceSettings(services, sources);
    const root = await run(supervising, {
      ...options.run,
      // The supervisor stops the others before itself.
      signals: false,
      sources: {
        // Everything has been read: flags that are for the services would be unknown here.
        argv: [],
        env: {},
        set: {
          process: { ...full.process, listen: sockets.address(supervisor) },
          platform: full.section("platform"),
        },
        elsewhere: Object.keys(settingSections(services)),
      },
    });
    const standinUrl = root.addresses.get("standin") ?? "";
    const url = `http://127.0.0.1:${gatewayPort}`;
    const logger = root.runtime(supervisor).logger;
    const processes = new Map<string, SupervisedProcess>();
    const stopAll = async (): Promise<void> => {
      // From the outside in: the gateway finishes its requests while everything behind it still answers.
      for (const each of [...processes.values()].reverse()) await each.stop(full.process.drainTimeout + 5_000);
    };
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopping ??= stopAll().then(() => root.stop());
      return stopping;
    };
    if (options.run?.signals ?? true)
      endOnSignals({ stop, kill: () => killAll(processes), stopped: root.stopped, logger });
    try {
      for (const module of services) {
        const supervised = new SupervisedProcess({
          name: module.name,
          file: fileURLToPath(import.meta.resolve(`@sampan/${module.name}-service/main`)),
          argv: [],
          env: childEnvironment(full, module, {
            listen: sockets.address(module.name),
            targets: sockets.targets,
            standinUrl,
            notifyUrl: `${url}/v1/pay/callback`,
          }),
          prepare: () => sockets.clear(module.name),
          restarts: defaultRestarts,
          clock: systemClock,
          logger,
        });
        processes.set(module.name, supervised);
        await supervised.start();
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      process: { ...root, stop, addresses: root.addresses, state: root.state, stopped: root.stopped },
      folder,
      operatorKey: (full.section("auth").operatorKey as Secret).reveal(),
      url,
      standinUrl,
      adminUrl: root.addresses.get("admin") ?? "",
      processes,
      stop,
      stopped: root.stopped.then(release),
    };
  } catch (error) {
    release();
    throw error;
  }
}

function killAll(processes: ReadonlyMap<string, SupervisedProcess>): void {
  for (const each of processes.values()) each.kill();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
