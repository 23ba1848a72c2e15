import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { compileDecoder } from "./compile-decoder.js";
import { compileEncoder } from "./compile-encoder.js";
import { reader } from "./wire-reader.js";
import { type Encoded, writer } from "./wire-writer.js";

/** Messages of one type to octets and back. Throws what protobuf-es throws for values and octets that are not valid. */
export interface MessageCodec {
  /**
   * Valid until the next message of any type is encoded. Large `bytes` fields are referred to and not copied: the message
   * must not be changed before it is sent.
   */
  encode(message: object): Encoded;
  /**
   * From `input[start, end)`. The message keeps no reference to `input`, unless that is `owned`: then `input` holds
   * nothing else, is never reused, and `bytes` that are most of it stay where they are.
   */
  decode(input: Buffer, start: number, end: number, owned?: boolean): object;
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
      if (encode(message as Readonly<Record<string, unknown>>, writer)) return writer;
      const octets = toBinary(schema, message as MessageShape<DescMessage>);
      writer.start();
      writer.raw(octets);
      return writer;
    },
    decode(input, start, end, owned = false) {
      reader.start(input, start, end, owned);
      const message = decode(reader, end, undefined);
      if (!reader.bad) return message;
      // A copy, because protobuf-es lets bytes and unknown fields alias what it reads.
      return fromBinary(schema, new Uint8Array(input.subarray(start, end)));
    },
  };
}
