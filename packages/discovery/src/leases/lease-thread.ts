import { parentPort, workerData } from "node:worker_threads";
import { RpcError, systemClock } from "@sampan/core";
import type { LogFields, Logger, Registration } from "@sampan/core/ports";
import { openBackend } from "./backend-settings.js";
import { LeaseRegistrar } from "./lease-registrar.js";
import { LoopWatch } from "./loop-watch.js";
import {
  beatEveryMs,
  type LeaseFailure,
  type LeaseReply,
  type LeaseRequest,
  type LeaseThreadData,
} from "./messages.js";

/** The thread behind `workerRegistrar`: a `LeaseRegistrar`, its requests as messages, and a watch on the main thread's loop. */
const { settings, times, loop, beat } = workerData as LeaseThreadData;
const port = parentPort;
if (port === null) throw new Error("this is started by workerRegistrar only");

const reply = (message: LeaseReply): void => port.postMessage(message);
const registrar = new LeaseRegistrar(await openBackend(settings), { times, logger: loggerTo(reply) });
const registrations = new Map<number, Registration>();

const beats = new Int32Array(beat);
const watch = new LoopWatch(beatEveryMs, loop);
let lookedAt = systemClock.monotonic();
setInterval(() => {
  const now = systemClock.monotonic();
  registrar.overloaded(watch.look(Atomics.load(beats, 0), now - lookedAt));
  lookedAt = now;
}, beatEveryMs);

port.on("message", (request: LeaseRequest) => {
  carryOut(request).then(
    () => reply({ kind: "answer", ask: request.ask }),
    (error) => reply({ kind: "answer", ask: request.ask, failure: failureOf(error) }),
  );
});

async function carryOut(request: LeaseRequest): Promise<void> {
  switch (request.kind) {
    case "register":
      registrations.set(request.id, await registrar.register(request.service, request.instance));
      return;
    case "update": {
      const { health, weight, labels } = request.instance;
      await registrations.get(request.id)?.update({ health, weight, labels });
      return;
    }
    case "close":
      await registrations.get(request.id)?.close();
      registrations.delete(request.id);
      return;
    case "end":
      await registrar.close();
  }
}

function failureOf(error: unknown): LeaseFailure {
  if (!(error instanceof RpcError)) return { reason: "REGISTRY_FAILED", why: String(error) };
  return { reason: error.reason, why: error.info?.metadata.why ?? error.message };
}

function loggerTo(send: (message: LeaseReply) => void): Logger {
  const at =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      send({ kind: "log", level, message, fields });
    };
  const logger: Logger = {
    debug: () => {},
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return logger;
}
