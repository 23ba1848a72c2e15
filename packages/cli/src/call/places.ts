import { CommandError } from "../command/command-error.js";
import { readAddresses } from "../platform/addresses-file.js";
import type { CallCommand } from "./call-options.js";
import type { CallSession } from "./call-session.js";

/** Which services there are, and where. */
export interface Places {
  /** Full names, sorted. */
  readonly services: readonly string[];
  /** Of each service. */
  targetOf(service: string): string;
  /** Each once. */
  readonly targets: readonly string[];
}

/** One server, that was named; or the processes of the platform that runs on a data folder. Throws `CommandError`. */
export async function findPlaces({ target, folder }: CallCommand, session: CallSession): Promise<Places> {
  if (target !== undefined) {
    return { services: await session.reflection(target).services(), targetOf: () => target, targets: [target] };
  }
  const { grpc } = readAddresses(folder);
  const services = Object.keys(grpc).sort();
  if (services.length === 0) {
    throw new CommandError(
      `the platform on ${folder} serves no gRPC: its services are in one process`,
      "start it with --split, or name another server with --target",
    );
  }
  return {
    services,
    targetOf: (service) => grpc[service] as string,
    targets: [...new Set(Object.values(grpc))],
  };
}
