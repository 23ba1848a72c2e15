import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";

/** Messages of one type to octets and back. Throws what protobuf throws for values and octets that are not valid. */
export interface MessageCodec {
  /** Octets of their own memory. */
  encode(message: object): Uint8Array;
  /** From `input[start, end)`. The message keeps no reference to `input` unless `owned`. */
  decode(input: Uint8Array, start: number, end: number, owned: boolean): object;
}

const codecs = new WeakMap<DescMessage, MessageCodec>();

/** Made once for each type. */
export function codecOf(schema: DescMessage): MessageCodec {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    codec = reflectingCodec(schema);
    codecs.set(schema, codec);
  }
  return codec;
}

/** Reads the descriptor for every message: covers everything. */
function reflectingCodec(schema: DescMessage): MessageCodec {
  return {
    encode: (message) => toBinary(schema, message as MessageShape<DescMessage>),
    decode(input, start, end, owned) {
      // protobuf-es lets `bytes` and unknown fields alias what it reads.
      const octets = owned ? input.subarray(start, end) : Uint8Array.prototype.slice.call(input, start, end);
      return fromBinary(schema, octets);
    },
  };
}
