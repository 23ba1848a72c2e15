import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { compileDecoder } from "./compile-decoder.js";
import { compileEncoder } from "./compile-encoder.js";
import { reader } from "./wire-reader.js";
import { writer } from "./wire-writer.js";

/** Messages of one type to octets and back. Throws what protobuf-es throws for values and octets that are not valid. */
export interface MessageCodec {
  /** Octets that are valid until the next message of any type is encoded; whoever keeps them says `keepEncoded`. */
  encode(message: object): Uint8Array;
  /** From `input[start, end)`. The message keeps no reference to `input`. */
  decode(input: Buffer, start: number, end: number): object;
}

const codecs = new WeakMap<DescMessage, MessageCodec>();

/** Made once for each type. */
export function codecOf(schema: DescMessage): MessageCodec {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    codec = compiledCodec(schema);
    codecs.set(schema, codec);
  }
  return codec;
}

/** What was encoded last stays as it is. */
export function keepEncoded(): void {
  writer.giveAway();
}

/**
 * Compiled for what is regular, protobuf-es for the rest. Why: protobuf-es reads the descriptor for every field of
 * every message, 1.5 to 3 µs each way for a message of two fields, of the 8 µs that a whole call may take.
 */
function compiledCodec(schema: DescMessage): MessageCodec {
  const encode = compileEncoder(schema);
  const decode = compileDecoder(schema);
  return {
    encode(message) {
      writer.start();
      if (encode(message as Readonly<Record<string, unknown>>, writer)) return writer.view();
      return toBinary(schema, message as MessageShape<DescMessage>);
    },
    decode(input, start, end) {
      reader.start(input, start, end);
      const message = decode(reader, end, undefined);
      if (!reader.bad) return message;
      // A copy, because protobuf-es lets bytes and unknown fields alias what it reads.
      return fromBinary(schema, new Uint8Array(input.subarray(start, end)));
    },
  };
}
