import { type Call, Code, codeName, type Layer, type Method, type RpcError } from "@sampan/core";
import type { Gauge, Histogram, Meter } from "@sampan/core/ports";

/**
 * Counts calls, errors and durations (RED) as one histogram by code, and the calls that are in flight:
 * `rpc_server_duration_seconds{service,method,code}`, `rpc_server_in_flight{service,method}`, and the same with `client`.
 */
export function metrics(meter: Meter): Layer {
  return (next, method) => {
    // Which side the layer is on shows with the first call; a side that never sees one has no series.
    const sides: { server?: MethodInstruments; client?: MethodInstruments } = {};
    return (request, call) => {
      const side = call.side === "server" ? "server" : "client";
      const instruments = (sides[side] ??= new MethodInstruments(meter, side, method));
      call.began();
      instruments.inFlight.add(1);
      call.onSettle(instruments.ended);
      return next(request, call);
    };
  };
}

/** The instruments of a method on one side, by code as far as codes have occurred. */
class MethodInstruments {
  readonly inFlight: Gauge;
  readonly #durations: Histogram[] = [];
  readonly #bind: (code: Code) => Histogram;
  /** Hot path: one function for all calls, and bound instruments, so that a call makes no closure and no look-up by label. */
  readonly ended = (error: RpcError | undefined, call: Call): void => {
    this.inFlight.add(-1);
    this.duration(error === undefined ? Code.OK : error.code).record(call.elapsed() / 1000);
  };

  constructor(meter: Meter, side: "server" | "client", method: Method) {
    const labels = { service: method.service, method: method.name };
    const verb = side === "server" ? "served" : "made";
    this.inFlight = meter.gauge({ name: `rpc_${side}_in_flight`, help: `Calls that are being ${verb}.` }, labels);
    this.#bind = (code) =>
      meter.histogram(
        { name: `rpc_${side}_duration_seconds`, help: `Time from start to end of the calls ${verb}, by code.` },
        { ...labels, code: codeName(code) },
      );
    this.duration(Code.OK);
  }

  duration(code: Code): Histogram {
    return (this.#durations[code] ??= this.#bind(code));
  }
}
