import { RpcError } from "@sampan/core";
import { GrpcErrors } from "../errors.js";
import { decompress } from "../wire/gzip.js";
import type { MessageCodec } from "./message-codec.js";

/** How the messages of one direction of a call are read. */
export interface Reading {
  readonly codec: MessageCodec;
  readonly method: string;
  /** Octets of one message, compressed or not. */
  readonly limit: number;
}

/**
 * One received message, decompressed and decoded. Throws `RpcError`. A message that fills `input` owns it, see
 * `MessageSink.onMessage`, and so it does what it was decompressed into.
 */
export function openMessage(
  { codec, method, limit }: Reading,
  encoding: string,
  flag: number,
  input: Buffer,
  start: number,
  end: number,
): object {
  if (flag === 0) return decode(codec, method, input, start, end, start === 0 && end === input.length);
  if (flag !== 1) throw GrpcErrors.BAD_MESSAGE({ method, why: `its flag is ${flag}` });
  if (encoding !== "gzip") throw GrpcErrors.BAD_COMPRESSION({ method, why: `grpc-encoding is ${encoding}` });
  const opened = decompress(input.subarray(start, end), limit, method);
  return decode(codec, method, opened, 0, opened.length, true);
}

function decode(
  codec: MessageCodec,
  method: string,
  input: Buffer,
  start: number,
  end: number,
  owned: boolean,
): object {
  try {
    return codec.decode(input, start, end, owned);
  } catch (thrown) {
    if (thrown instanceof RpcError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw GrpcErrors.BAD_MESSAGE({ method, why }, { cause: thrown });
  }
}
