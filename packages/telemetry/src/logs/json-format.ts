import { encodeFields, encodeLimits } from "./encode-value.js";
import { quote, shorten } from "./escape.js";
import type { LogFormat } from "./log-format.js";
import type { Redaction } from "./redaction.js";

/** Names that a line has of its own; a field of such a name gets an underscore before it. */
const own = new Set(["time", "level", "msg"]);

/** One JSON object a line: `{"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"…","trace_id":"…"}`. */
export function jsonFormat(redaction: Redaction): LogFormat {
  // Many lines are of one millisecond, and writing it costs as much as two fields.
  let lastTime = 0;
  let lastText = new Date(0).toISOString();
  return {
    fields(fields) {
      let text = "";
      for (const [key, json] of encodeFields(fields, redaction)) {
        text += `,${quote(own.has(key) ? `_${key}` : shorten(key, 256))}:${json}`;
      }
      return text;
    },
    line(time, level, message, fields) {
      if (time !== lastTime) {
        lastTime = time;
        lastText = new Date(time).toISOString();
      }
      const msg = quote(shorten(message, encodeLimits.text));
      return `{"time":"${lastText}","level":"${level}","msg":${msg}${fields}}`;
    },
  };
}
