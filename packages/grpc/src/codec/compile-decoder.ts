import { create, type DescField, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { messageOf, tagOf, wireOf } from "./compile-encoder.js";
import { isCovered } from "./coverage.js";
import type { WireReader } from "./wire-reader.js";

type Fields = Record<string, unknown>;
type OneofValue = { readonly case: string | undefined; readonly value?: unknown };
type ReadField = (message: Fields, from: WireReader) => void;

/** Reads one message up to `end` into `into`, or into a new one. Sets `bad` for what protobuf-es must judge. */
type Decode = (from: WireReader, end: number, into: Fields | undefined) => Fields;

/** protobuf-es refuses deeper nesting. */
const deepest = 100;
const nothing: Fields = {};
const decoders = new WeakMap<DescMessage, Decode>();

/**
 * A decoder for one type: closures found by tag. Regular messages only: an unknown field, an unexpected wire type or
 * anything that is wrong ends it, and protobuf-es reads the message again. So both always agree (property test).
 */
export function compileDecoder(schema: DescMessage): Decode {
  const known = decoders.get(schema);
  if (known !== undefined) return known;
  if (!isCovered(schema)) {
    const general: Decode = (from, end, into) => {
      if (into !== undefined) from.bad = true;
      if (from.bad) return nothing;
      const octets = new Uint8Array(from.input.subarray(from.at, end));
      from.at = end;
      return generally(schema, octets, from);
    };
    decoders.set(schema, general);
    return general;
  }
  const zero = zeroMessage(schema);
  const byTag = new Map<number, ReadField>();
  // Tags up to field 15 take one octet and are nearly all there are.
  const byShortTag: (ReadField | undefined)[] = new Array<ReadField | undefined>(128).fill(undefined);
  const decode: Decode = (from, end, into) => {
    const message = into ?? zero();
    if (++from.depth > deepest) from.bad = true;
    const outer = from.end;
    from.end = end;
    while (from.at < end && !from.bad) {
      const tag = from.varint();
      const read = tag < 128 ? byShortTag[tag] : byTag.get(tag);
      if (read === undefined) from.bad = true;
      else read(message, from);
    }
    if (from.at !== end) from.bad = true;
    from.end = outer;
    from.depth--;
    return message;
  };
  decoders.set(schema, decode);
  for (const field of schema.fields) {
    for (const [tag, read] of compileField(field)) {
      byTag.set(tag, read);
      if (tag < 128) byShortTag[tag] = read;
    }
  }
  return decode;
}

function generally(schema: DescMessage, octets: Uint8Array, from: WireReader): Fields {
  try {
    return fromBinary(schema, octets) as unknown as Fields;
  } catch {
    from.bad = true;
    return nothing;
  }
}

/** Hot: copying an object that has the right shape is faster than building one field by field. */
function zeroMessage(schema: DescMessage): () => Fields {
  // Empty bytes are shared: there is nothing in them that could change.
  const template = create(schema) as unknown as Fields;
  const lists = schema.fields.filter(({ fieldKind }) => fieldKind === "list").map(({ localName }) => localName);
  const oneofs = schema.oneofs.map(({ localName }) => localName).filter((name) => name in template);
  if (lists.length === 0 && oneofs.length === 0) return () => ({ ...template });
  return () => {
    const message = { ...template };
    for (let i = 0; i < lists.length; i++) message[lists[i] as string] = [];
    for (let i = 0; i < oneofs.length; i++) message[oneofs[i] as string] = { case: undefined };
    return message;
  };
}

function compileField(field: DescField): [tag: number, read: ReadField][] {
  const { localName, number } = field;
  const message = messageOf(field);
  if (message !== undefined) return [[tagOf(number, 2), messageField(field, message)]];
  const wire = wireOf(field);
  const { read } = wire;
  if (field.fieldKind !== "list") return [[tagOf(number, wire.wireType), scalarField(field, read)]];
  const one: ReadField = (target, from) => {
    (target[localName] as unknown[]).push(read(from));
  };
  if (wire.wireType === 2) return [[tagOf(number, 2), one]];
  // Readers take both forms whatever the contract says (protobuf encoding, "Packed Repeated Fields").
  const packed: ReadField = (target, from) => {
    const end = from.lengthEnd();
    const list = target[localName] as unknown[];
    while (from.at < end && !from.bad) list.push(read(from));
    if (from.at !== end) from.bad = true;
  };
  return [
    [tagOf(number, wire.wireType), one],
    [tagOf(number, 2), packed],
  ];
}

function scalarField(field: DescField, read: (from: WireReader) => unknown): ReadField {
  const { localName, oneof } = field;
  if (oneof === undefined) {
    return (target, from) => {
      target[localName] = read(from);
    };
  }
  const group = oneof.localName;
  return (target, from) => {
    target[group] = { case: localName, value: read(from) };
  };
}

function messageField(field: DescField, schema: DescMessage): ReadField {
  const { localName, oneof, fieldKind } = field;
  let found: Decode | undefined;
  const decode = (from: WireReader, into: Fields | undefined): Fields => {
    found ??= compileDecoder(schema);
    const end = from.lengthEnd();
    return from.bad ? nothing : found(from, end, into);
  };
  if (fieldKind === "list") {
    return (target, from) => {
      (target[localName] as unknown[]).push(decode(from, undefined));
    };
  }
  if (oneof === undefined) {
    return (target, from) => {
      target[localName] = decode(from, target[localName] as Fields | undefined);
    };
  }
  const group = oneof.localName;
  return (target, from) => {
    const chosen = target[group] as OneofValue;
    const into = chosen.case === localName ? (chosen.value as Fields) : undefined;
    target[group] = { case: localName, value: decode(from, into) };
  };
}
