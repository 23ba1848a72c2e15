import type { Method } from "@sampan/core";
import { HeaderTemplate } from "@sampan/h2";
import { codecOf, type MessageCodec } from "../codec/message-codec.js";
import type { Reading } from "../codec/open-message.js";
import { acceptedEncodings } from "../wire/gzip.js";
import { encodeToken } from "../wire/percent.js";
import { limitSent } from "../wire/send-limit.js";

/** What all calls of a method on a channel have in common, made at its first call. */
export interface MethodPlan {
  readonly headers: HeaderTemplate;
  readonly input: MessageCodec;
  readonly reading: Reading;
  /** The calling service that the headers name. */
  readonly caller: string;
}

export interface PlanSettings {
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly gzip: boolean;
  readonly maxMessageBytes: number;
  readonly maxSendMessageBytes: number;
}

const userAgent = "sampan-grpc/0.1.0";

export function methodPlan(method: Method, caller: string, settings: PlanSettings): MethodPlan {
  const fields = [
    ":method",
    "POST",
    ":scheme",
    settings.scheme,
    ":path",
    method.path,
    ":authority",
    settings.authority,
  ];
  fields.push("te", "trailers", "content-type", "application/grpc", "user-agent", userAgent);
  fields.push("grpc-accept-encoding", acceptedEncodings);
  if (settings.gzip) fields.push("grpc-encoding", "gzip");
  if (caller !== "") fields.push("x-sampan-caller", encodeToken(caller));
  return {
    headers: new HeaderTemplate(fields),
    input: limitSent(codecOf(method.input), method.path, settings.maxSendMessageBytes),
    reading: { codec: codecOf(method.output), method: method.path, limit: settings.maxMessageBytes },
    caller,
  };
}
