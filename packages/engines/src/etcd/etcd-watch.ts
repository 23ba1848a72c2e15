import { EngineErrors } from "../errors.js";
import { array, number, record, text } from "../json/fields.js";
import { parseJson } from "../json/parse-json.js";
import { type EtcdEvent, eventFrom } from "./etcd-json.js";

/** The events in the lines of a watch. An empty batch is progress: the server lives. */
export async function* watchEvents(lines: AsyncIterable<string>): AsyncGenerator<readonly EtcdEvent[], void> {
  for await (const line of lines) {
    const { result, error } = record(parseJson("etcd", line));
    if (error !== undefined) {
      const { message, http_code, grpc_code } = record(error);
      const why = text(message) || text(error) || `gRPC status ${grpc_code}`;
      throw EngineErrors.REFUSED({ engine: "etcd", status: `${number(http_code) || 503}`, why });
    }
    const { canceled, cancel_reason, compact_revision, events } = record(result);
    if (canceled === true) {
      const revision = number(compact_revision) || 0;
      if (revision > 0) throw EngineErrors.COMPACTED({ engine: "etcd", revision: `${revision}` });
      throw EngineErrors.REFUSED({
        engine: "etcd",
        status: "503",
        why: text(cancel_reason) || "the watch was cancelled",
      });
    }
    yield array(events).map(eventFrom);
  }
}
