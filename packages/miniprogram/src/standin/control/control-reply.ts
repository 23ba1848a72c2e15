import { json, type StandinReply } from "../http/exchange.js";

export function wrong(error: string): StandinReply {
  return json(400, { error });
}
