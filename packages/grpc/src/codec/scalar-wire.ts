import { ScalarType } from "@bufbuild/protobuf";
import type { WireReader } from "./wire-reader.js";
import type { WireWriter } from "./wire-writer.js";

/** How one scalar type is written and read. */
export interface ScalarWire {
  /** 0 varint, 1 eight octets, 2 length-delimited, 5 four octets (protobuf encoding, "Wire types"). */
  readonly wireType: 0 | 1 | 2 | 5;
  /** False for a value that the general encoder must judge; nothing counts as written then. */
  write(value: unknown, to: WireWriter): boolean;
  read(from: WireReader): unknown;
  /** Whether a field without presence is left out with this value. */
  isZero(value: unknown): boolean;
}

const floatMax = 3.4028234663852886e38;
const low32 = 0xffff_ffffn;

function isInt32(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

function isUint32(value: unknown): value is number {
  return typeof value === "number" && value >>> 0 === value;
}

function writeInt32(value: unknown, to: WireWriter): boolean {
  if (!isInt32(value)) return false;
  to.reserve(10);
  if (value >= 0) to.varint(value);
  else to.varint64(value, -1);
  return true;
}

function isZeroNumber(value: unknown): boolean {
  return value === 0;
}

function isZeroLong(value: unknown): boolean {
  return value === 0n;
}

const int32: ScalarWire = {
  wireType: 0,
  write: writeInt32,
  // Negative numbers take ten octets, of which the low half counts.
  read: (from) => from.varint64() | 0,
  isZero: isZeroNumber,
};

function isInt64(value: unknown): value is bigint {
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
}

function isUint64(value: unknown): value is bigint {
  return typeof value === "bigint" && BigInt.asUintN(64, value) === value;
}

function writeHalves(value: bigint, to: WireWriter): void {
  to.reserve(10);
  // Hot: most numbers are small, and arithmetic on big ones is slow.
  if (value >= 0n && value <= low32) to.varint64(Number(value), 0);
  else to.varint64(Number(value & low32), Number(BigInt.asUintN(32, value >> 32n)));
}

function signed(low: number, high: number): bigint {
  if (high === 0) return BigInt(low >>> 0);
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

function unsigned(low: number, high: number): bigint {
  if (high === 0) return BigInt(low >>> 0);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function fixed(
  size: 4 | 8,
  put: (value: never, to: Buffer, at: number) => void,
  get: (from: Buffer, at: number) => unknown,
  accepts: (value: unknown) => boolean,
  isZero: (value: unknown) => boolean,
): ScalarWire {
  return {
    wireType: size === 4 ? 5 : 1,
    write(value, to) {
      if (!accepts(value)) return false;
      to.reserve(size);
      put(value as never, to.bytes, to.at);
      to.at += size;
      return true;
    },
    read(from) {
      const { at } = from;
      if (at + size > from.end) {
        from.bad = true;
        return 0;
      }
      from.at = at + size;
      return get(from.input, at);
    },
    isZero,
  };
}

const isFloat = (value: unknown): boolean =>
  typeof value === "number" && (!Number.isFinite(value) || Math.abs(value) <= floatMax);
const isDouble = (value: unknown): boolean => typeof value === "number";
/** Only +0: a negative zero is a value (protobuf-es does the same). */
const isPlusZero = (value: unknown): boolean => Object.is(value, 0);

/** Every scalar type. */
export const scalarWires: ReadonlyMap<ScalarType, ScalarWire> = new Map<ScalarType, ScalarWire>([
  [ScalarType.INT32, int32],
  [
    ScalarType.UINT32,
    {
      wireType: 0,
      write(value, to) {
        if (!isUint32(value)) return false;
        to.reserve(5);
        to.varint(value);
        return true;
      },
      read: (from) => from.varint64() >>> 0,
      isZero: isZeroNumber,
    },
  ],
  [
    ScalarType.SINT32,
    {
      wireType: 0,
      write(value, to) {
        if (!isInt32(value)) return false;
        to.reserve(5);
        to.varint(((value << 1) ^ (value >> 31)) >>> 0);
        return true;
      },
      read(from) {
        const zigzag = from.varint64();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      },
      isZero: isZeroNumber,
    },
  ],
  [
    ScalarType.INT64,
    {
      wireType: 0,
      write(value, to) {
        if (!isInt64(value)) return false;
        writeHalves(value, to);
        return true;
      },
      read: (from) => signed(from.varint64(), from.high),
      isZero: isZeroLong,
    },
  ],
  [
    ScalarType.UINT64,
    {
      wireType: 0,
      write(value, to) {
        if (!isUint64(value)) return false;
        writeHalves(value, to);
        return true;
      },
      read: (from) => unsigned(from.varint64(), from.high),
      isZero: isZeroLong,
    },
  ],
  [
    ScalarType.SINT64,
    {
      wireType: 0,
      write(value, to) {
        if (!isInt64(value)) return false;
        writeHalves(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)), to);
        return true;
      },
      read(from) {
        const zigzag = unsigned(from.varint64(), from.high);
        return (zigzag >> 1n) ^ -(zigzag & 1n);
      },
      isZero: isZeroLong,
    },
  ],
  [
    ScalarType.BOOL,
    {
      wireType: 0,
      write(value, to) {
        if (typeof value !== "boolean") return false;
        to.reserve(1);
        to.bytes[to.at++] = value ? 1 : 0;
        return true;
      },
      read: (from) => (from.varint64() | from.high) !== 0,
      isZero: (value) => value === false,
    },
  ],
  [
    ScalarType.STRING,
    {
      wireType: 2,
      write(value, to) {
        if (typeof value !== "string") return false;
        to.string(value);
        return true;
      },
      read: (from) => from.string(),
      isZero: (value) => value === "",
    },
  ],
  [
    ScalarType.BYTES,
    {
      wireType: 2,
      write(value, to) {
        if (!(value instanceof Uint8Array)) return false;
        to.octets(value);
        return true;
      },
      read: (from) => from.octets(),
      isZero: (value) => value instanceof Uint8Array && value.length === 0,
    },
  ],
  [
    ScalarType.FLOAT,
    fixed(
      4,
      (v: number, b, at) => b.writeFloatLE(v, at),
      (b, at) => b.readFloatLE(at),
      isFloat,
      isPlusZero,
    ),
  ],
  [
    ScalarType.DOUBLE,
    fixed(
      8,
      (v: number, b, at) => b.writeDoubleLE(v, at),
      (b, at) => b.readDoubleLE(at),
      isDouble,
      isPlusZero,
    ),
  ],
  [
    ScalarType.FIXED32,
    fixed(
      4,
      (v: number, b, at) => b.writeUInt32LE(v, at),
      (b, at) => b.readUInt32LE(at),
      isUint32,
      isZeroNumber,
    ),
  ],
  [
    ScalarType.SFIXED32,
    fixed(
      4,
      (v: number, b, at) => b.writeInt32LE(v, at),
      (b, at) => b.readInt32LE(at),
      isInt32,
      isZeroNumber,
    ),
  ],
  [
    ScalarType.FIXED64,
    fixed(
      8,
      (v: bigint, b, at) => b.writeBigUInt64LE(v, at),
      (b, at) => b.readBigUInt64LE(at),
      isUint64,
      isZeroLong,
    ),
  ],
  [
    ScalarType.SFIXED64,
    fixed(
      8,
      (v: bigint, b, at) => b.writeBigInt64LE(v, at),
      (b, at) => b.readBigInt64LE(at),
      isInt64,
      isZeroLong,
    ),
  ],
]);
