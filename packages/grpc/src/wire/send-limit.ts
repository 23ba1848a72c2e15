import { CoreErrors } from "@sampan/core";
import type { MessageCodec } from "../codec/message-codec.js";

/**
 * A codec that encodes no message above `limit` octets: throws `MESSAGE_TOO_LARGE`, before anything is sent. Counted
 * before compression, because receivers count after decompression.
 */
export function limitSent(codec: MessageCodec, method: string, limit: number): MessageCodec {
  if (limit === Number.POSITIVE_INFINITY) return codec;
  return {
    encode(message) {
      const encoded = codec.encode(message);
      const { size } = encoded;
      if (size <= limit) return encoded;
      throw CoreErrors.MESSAGE_TOO_LARGE({ method, size: String(size), limit: String(limit) });
    },
    decode: (input, start, end, owned) => codec.decode(input, start, end, owned),
  };
}
