import { create, type DescField, type DescMessage, type DescOneof, isMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** Makes a message from plain fields; a message of the type is given back as it is. The same as protobuf-es's `create`. */
export type Initialiser = (init: unknown) => object;

const initialisers = new WeakMap<DescMessage, Initialiser>();

/**
 * Made once for each type. Compiled for proto3; other editions keep defaults on prototypes and go to protobuf-es.
 *
 * Hot: on every response and every request that is given as a plain object. protobuf-es reads the descriptor for each
 * field of each message (bench `core`). A property test holds both to the same results.
 */
export function initialiserOf(schema: DescMessage): Initialiser {
  let initialise = initialisers.get(schema);
  if (initialise === undefined) {
    initialise =
      (schema.file.edition as number) === proto3 ? compile(schema) : (init) => create(schema, init as Fields);
    initialisers.set(schema, initialise);
  }
  return initialise;
}

type Fields = Record<string, unknown>;
type Convert = (value: unknown) => unknown;

/** google.protobuf.Edition.EDITION_PROTO3 */
const proto3 = 999;

function compile(schema: DescMessage): Initialiser {
  // Copied and not built field by field, which is slower. Empty bytes are shared: nothing in them could change.
  const template = create(schema) as unknown as Fields;
  const members = schema.members.map(compileMember);
  return (init) => {
    if (isMessage(init, schema)) return init;
    const message = { ...template };
    const given = init === undefined ? nothing : (init as Fields);
    for (let i = 0; i < members.length; i++) {
      const { name, zero, convert } = members[i] as Member;
      const value = given[name];
      // Fields that are null count as not given, as they do in protobuf-es.
      const made = value === undefined || value === null ? undefined : convert === undefined ? value : convert(value);
      if (made !== undefined) message[name] = made;
      else if (zero !== undefined) message[name] = zero();
    }
    return message;
  };
}

interface Member {
  readonly name: string;
  /** For what a message may change in place, and so has for itself. */
  readonly zero: (() => unknown) | undefined;
  /** Undefined when values are taken as they are. Its result may be undefined, for a oneof without a case. */
  readonly convert: Convert | undefined;
}

const nothing: Fields = {};
const newList = (): unknown => [];
const newMap = (): unknown => ({});
const noCase = (): unknown => ({ case: undefined });

function compileMember(member: DescField | DescOneof): Member {
  const name = member.localName;
  if (member.kind === "oneof") return { name, zero: noCase, convert: choiceOf(member) };
  const zero = member.fieldKind === "list" ? newList : member.fieldKind === "map" ? newMap : undefined;
  return { name, zero, convert: converterOf(member) };
}

function choiceOf(oneof: DescOneof): Convert {
  const converters = new Map(oneof.fields.map((field) => [field.localName, converterOf(field)]));
  return (value) => {
    const chosen = value as { readonly case?: string; readonly value?: unknown };
    if (chosen.case === undefined || !converters.has(chosen.case)) return undefined;
    const convert = converters.get(chosen.case);
    return { case: chosen.case, value: convert === undefined ? chosen.value : convert(chosen.value) };
  };
}

function converterOf(field: DescField): Convert | undefined {
  const one = elementOf(field);
  if (one === undefined) return undefined;
  if (field.fieldKind === "list") return (value) => (Array.isArray(value) ? value.map(one) : value);
  if (field.fieldKind === "map") {
    return (value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, one(each)])) : value;
  }
  return one;
}

/** What a field's value, or each of its values, has to go through. */
function elementOf(field: DescField): Convert | undefined {
  const message = field.fieldKind === "enum" ? undefined : field.message;
  if (message === undefined) return isBytes(field) ? octetsOf : undefined;
  // protobuf-es represents these otherwise: wrappers by their value, Struct by a plain object.
  if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
    return isBytes(message.fields[0] as DescField) ? octetsOf : undefined;
  }
  if (message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") return asIs;
  let initialise: Initialiser | undefined;
  return (value) => {
    if (!isObject(value)) return value;
    // Found on first use, because types may hold themselves.
    initialise ??= initialiserOf(message);
    return initialise(value);
  };
}

/** In lists and maps, which `create` copies all the same. */
const asIs: Convert = (value) => value;

function isBytes(field: DescField): boolean {
  return field.fieldKind !== "enum" && field.scalar === ScalarType.BYTES;
}

/** Bytes may be given as an array of numbers. */
function octetsOf(value: unknown): unknown {
  return Array.isArray(value) ? new Uint8Array(value as number[]) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
