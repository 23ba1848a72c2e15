import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import {
  AppErrors,
  broker,
  brokerService,
  defaultRestarts,
  keyValueService,
  platform,
  RegistryBook,
  type RestartPolicy,
  readServiceSettings,
  registryService,
  run,
  type SectionValues,
  type ServiceModule,
  type ServiceSettings,
  service,
  settingSections,
} from "@sampan/app";
import { type Secret, settings } from "@sampan/config";
import { systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { LogFields, Logger } from "@sampan/core/ports";
import { memoryBoard } from "@sampan/discovery";
import { removeAddresses, writeAddresses } from "../platform/addresses-file.js";
import { openDataFolder } from "../platform/data-folder.js";
import { removeProcessRecord, startOf, writeProcessRecord } from "../platform/process-record.js";
import { services } from "../platform/services.js";
import { type Platform, type PlatformOptions, platformSources } from "../platform/start-platform.js";
import { childEnvironment } from "./child-environment.js";
import { endOnSignals } from "./end-on-signals.js";
import { type Identities, type MutualTls, openIdentities } from "./identities.js";
import { type Instances, processNames } from "./instances.js";
import { SupervisedProcess } from "./supervised-process.js";
import { makeSockets, supervisor } from "./wiring.js";

export interface SplitOptions extends PlatformOptions {
  /** The file that runs a service, and its arguments. Default: the main file of the service's package. */
  readonly programOf?: (service: string) => readonly [file: string, ...argv: string[]];
  readonly restarts?: RestartPolicy;
  /** How many processes run a service. Default: one each. */
  readonly instances?: Instances;
  /** The processes prove to each other who they are, and the platform's access policy is enforced. Default: neither. */
  readonly mtls?: MutualTls | undefined;
}

/** A platform whose services are processes. */
export interface SplitPlatform extends Platform {
  /** By name: that of the service, with a number when there are several instances of it. */
  readonly processes: ReadonlyMap<string, SupervisedProcess>;
  /** What `process.registry` of another process takes, to call the services. */
  readonly registry: string;
  /** Where a process listens, the supervisor too: `unix:<path>`. */
  addressOf(process: string): string;
  /** With mTLS. */
  readonly identities: Identities | undefined;
}

/** What the supervisor itself serves: the broker, the registry and the store of shared limits, and the stand-in as a dependency. */
function supervising(book: RegistryBook): ServiceModule {
  return service({
    name: supervisor,
    settings: settings({}),
    needs: { broker, platform },
    build: ({ broker, clock }) => ({
      serves: [
        brokerService(broker),
        registryService(book, memoryBoard(clock)),
        keyValueService(memoryKeyValue({ clock })),
      ],
    }),
  });
}

/**
 * Starts each service as a process of its own, in order, over gRPC on unix sockets; this process supervises them, and
 * serves the broker, the registry and the stand-in. Throws as `startPlatform` does, after everything that was started has ended.
 */
export async function startSplit(options: SplitOptions): Promise<SplitPlatform> {
  const { programOf = mainOf, restarts = defaultRestarts, instances = new Map<string, number>() } = options;
  const unknownKey = { operatorKey: "made when the folder is opened" };
  const checked = readServiceSettings(services, platformSources(options, unknownKey));
  const askedPort = checked.section("gateway").port as number;
  const gatewayPort = askedPort || (await freePort());
  const folder = openDataFolder(checked.process.data, { fresh: options.fresh ?? false });
  const standinPort = askedPort === 0 ? 0 : gatewayPort + 1;
  const found = { data: folder.path, operatorKey: folder.operatorKey, standinPort };
  const sources = platformSources({ ...options, port: gatewayPort }, found);
  const sockets = makeSockets(instances);
  const book = new RegistryBook({ clock: systemClock });
  const release = (): void => {
    sockets.remove();
    removeAddresses(folder.path);
    removeProcessRecord(folder.path);
    folder.release();
  };
  let identities: Identities | undefined;
  try {
    const full = readServiceSettings(services, sources);
    const wanted = services.flatMap((module) => processNames(module.name, instances).map((name) => ({ module, name })));
    let warn: (message: string, fields: LogFields) => void = () => {};
    if (options.mtls !== undefined)
      identities = await openIdentities({
        ...options.mtls,
        data: folder.path,
        folder: sockets.folder,
        processes: [
          { process: supervisor, service: supervisor },
          ...wanted.map(({ module, name }) => ({ process: name, service: module.name })),
        ],
        settings: full,
        clock: systemClock,
        failed: (what, error) => warn("could not be renewed, and is tried again", { what, error }),
      });
    const root = await run(supervising(book), {
      ...options.run,
      // The supervisor stops the others before itself.
      signals: false,
      sources: {
        // Everything has been read: flags that are for the services would be unknown here.
        argv: [],
        env: {},
        set: {
          process: { ...full.process, workers: 1, listen: sockets.address(supervisor) },
          platform: full.section("platform"),
          ...securityOf(full, identities?.settingsOf(supervisor) ?? {}),
        },
        elsewhere: Object.keys(settingSections(services)),
      },
    });
    const standinUrl = root.addresses.get("standin") ?? "";
    const url = `http://127.0.0.1:${gatewayPort}`;
    const logger = root.runtime(supervisor).logger;
    warn = (message, fields) => logger.warn(message, fields);
    const processes = new Map<string, SupervisedProcess>();
    const stopAll = async (): Promise<void> => {
      // From the outside in: the gateway finishes its requests while everything behind it still answers.
      for (const each of [...processes.values()].reverse()) await each.stop(full.process.drainTimeout + 5_000);
    };
    let stopping: Promise<void> | undefined;
    let ready = false;
    const stop = (): Promise<void> => {
      // The identities last: what has none any more cannot take leave of the others.
      stopping ??= stopAll()
        .then(() => root.stop())
        .finally(() => identities?.close());
      return stopping;
    };
    if (options.run?.signals ?? true)
      endOnSignals({
        stop,
        kill: () => killAll(processes),
        stopped: root.stopped,
        isReady: () => ready,
        logger,
      });
    const adminUrl = root.addresses.get("admin") ?? "";
    try {
      for (const { module, name } of wanted) {
        // What is started now would be missed by a stop that is under way.
        if (stopping !== undefined) break;
        const [file, ...argv] = programOf(module.name);
        const supervised = new SupervisedProcess({
          name,
          file,
          argv,
          env: childEnvironment(full, module, {
            listen: sockets.address(name),
            process: name,
            shared: (instances.get(module.name) ?? 1) > 1,
            registry: sockets.registry,
            targets: sockets.targets,
            standinUrl,
            notifyUrl: `${url}/v1/pay/callback`,
            identity: identities?.settingsOf(name) ?? {},
          }),
          prepare: () => sockets.clear(name),
          spawned: () => recordProcesses(folder.path, processes, sockets.folder, logger),
          // At once: a lease would let callers try it for a while.
          ended: () => book.evict((id) => id.startsWith(`${name}.`)),
          restarts,
          clock: systemClock,
          logger,
        });
        processes.set(name, supervised);
        await supervised.start();
      }
      const mtls = identities?.names;
      if (stopping === undefined)
        writeAddresses(folder.path, { url, standinUrl, adminUrl, grpc: sockets.byService, mtls });
    } catch (error) {
      if (stopping === undefined) {
        await stop();
        throw error;
      }
    }
    if (stopping !== undefined) {
      await stopping;
      throw AppErrors.START_INTERRUPTED({ part: "the processes" });
    }
    ready = true;
    return {
      process: { ...root, stop, addresses: root.addresses, state: root.state, stopped: root.stopped },
      folder,
      operatorKey: (full.section("auth").operatorKey as Secret).reveal(),
      url,
      standinUrl,
      adminUrl,
      processes,
      registry: sockets.registry,
      addressOf: (process) => sockets.address(process),
      identities,
      stop,
      stopped: root.stopped.then(release),
    };
  } catch (error) {
    await identities?.close();
    release();
    throw error;
  }
}

/** What the settings say of these, and above it the identity of a process. */
function securityOf(settings: ServiceSettings, identity: SectionValues): SectionValues {
  const sections = ["certificates", "access", "audit"];
  return Object.fromEntries(sections.map((name) => [name, { ...settings.section(name), ...identity[name] }]));
}

function mainOf(service: string): readonly [string] {
  return [fileURLToPath(import.meta.resolve(`@sampan/${service}-service/main`))];
}

/** So that the next start finds them, should this process be killed. */
function recordProcesses(
  folder: string,
  running: ReadonlyMap<string, SupervisedProcess>,
  sockets: string,
  logger: Logger,
): void {
  const processes = [...running.values()].flatMap(({ pid }) => {
    const startedAt = pid === undefined ? undefined : startOf(pid);
    return pid === undefined || startedAt === undefined ? [] : [{ pid, startedAt }];
  });
  try {
    writeProcessRecord(folder, { processes, sockets });
  } catch (error) {
    // A full disk must not end what runs.
    logger.warn("the list of processes cannot be written", { error });
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
