import { kindOfName, valueIsClean } from "../headers/field-kind.js";
import type { HeaderList } from "../headers/header-list.js";
import { readLatin1 } from "../wire/latin1.js";
import { DynamicTable } from "./dynamic-table.js";
import { FIELD_OVERHEAD, type Field } from "./field.js";
import { huffmanDecode, maxDecodedLength } from "./huffman-decode.js";
import { type Cursor, readInteger } from "./integer.js";
import { FIRST_DYNAMIC, staticTable } from "./static-table.js";

/**
 * Decoder of header blocks (RFC 7541). One per connection; blocks must be given in the order in which they arrived,
 * also those of refused and reset streams, or the tables of the two sides part.
 *
 * `decode` adds the fields to `list` and returns the empty string, or the reason why the block is wrong. A wrong block
 * is a connection error of type COMPRESSION_ERROR and the decoder must not be used again (RFC 9113 section 4.3).
 * Memory: the table (bounded by the advertised size) and a scratch buffer bounded by the largest block.
 */
export class HpackDecoder {
  readonly table: DynamicTable;
  private readonly cursor: Cursor = { at: 0 };
  private scratch: Buffer | undefined;
  /** The size that we advertised; the peer's encoder may use less, never more. */
  private advertised: number;
  /** Set when the advertised size has shrunk below the table: the next block must begin with an update. */
  private updateDue = false;

  constructor(tableSize: number) {
    this.table = new DynamicTable(tableSize);
    this.advertised = tableSize;
  }

  /** Call when the peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE (RFC 7541 section 4.2). */
  advertise(tableSize: number): void {
    this.advertised = tableSize;
    this.updateDue = tableSize < this.table.maxSize;
  }

  /** The next block must begin with a table size update, so it may not be answered from a memo. */
  get sizeUpdateDue(): boolean {
    return this.updateDue;
  }

  decode(input: Buffer, start: number, end: number, list: HeaderList): string {
    const cursor = this.cursor;
    cursor.at = start;
    let fault = this.readSizeUpdates(input, end);
    while (fault === "" && cursor.at < end) {
      const octet = input[cursor.at] as number;
      if (octet >= 0x80) {
        const field = this.fieldAt(readInteger(input, cursor, end, 0x7f));
        if (field === undefined) return "index outside the tables";
        list.add(field.name, field.value, field.kind, field.clean, field.size);
      } else if (octet >= 0x40) {
        fault = this.readLiteral(input, end, 0x3f, true, list);
      } else if (octet >= 0x20) {
        return "table size update after a field";
      } else {
        fault = this.readLiteral(input, end, 0x0f, false, list);
      }
    }
    return fault;
  }

  private readSizeUpdates(input: Buffer, end: number): string {
    const cursor = this.cursor;
    while (cursor.at < end && ((input[cursor.at] as number) & 0xe0) === 0x20) {
      const size = readInteger(input, cursor, end, 0x1f);
      if (size < 0 || size > this.advertised) return "table size update above the advertised size";
      this.table.resize(size);
      this.updateDue = false;
    }
    return this.updateDue && cursor.at < end ? "table size update missing" : "";
  }

  private readLiteral(input: Buffer, end: number, mask: number, index: boolean, list: HeaderList): string {
    const cursor = this.cursor;
    const nameIndex = readInteger(input, cursor, end, mask);
    let name: string | undefined;
    let kind = 0;
    if (nameIndex === 0) {
      name = this.readString(input, end);
      if (name === undefined) return "bad name literal";
      kind = kindOfName(name);
    } else {
      const named = this.fieldAt(nameIndex);
      if (named === undefined) return "name index outside the tables";
      name = named.name;
      kind = named.kind;
    }
    const value = this.readString(input, end);
    if (value === undefined) return "bad value literal";
    const clean = valueIsClean(value);
    const size = name.length + value.length + FIELD_OVERHEAD;
    if (index) this.table.insert({ name, value, kind, clean, size });
    list.add(name, value, kind, clean, size);
    return "";
  }

  private fieldAt(index: number): Field | undefined {
    if (index >= FIRST_DYNAMIC) return this.table.at(index - FIRST_DYNAMIC);
    return index > 0 ? staticTable[index - 1] : undefined;
  }

  private readString(input: Buffer, end: number): string | undefined {
    const cursor = this.cursor;
    if (cursor.at >= end) return undefined;
    const huffman = (input[cursor.at] as number) >= 0x80;
    const length = readInteger(input, cursor, end, 0x7f);
    const start = cursor.at;
    if (length < 0 || length > end - start) return undefined;
    cursor.at = start + length;
    if (!huffman) return readLatin1(input, start, start + length);
    const scratch = this.scratchOf(maxDecodedLength(length));
    const decoded = huffmanDecode(input, start, start + length, scratch);
    return decoded < 0 ? undefined : readLatin1(scratch, 0, decoded);
  }

  private scratchOf(length: number): Buffer {
    const kept = this.scratch;
    if (kept !== undefined && kept.length >= length) return kept;
    const scratch = Buffer.allocUnsafeSlow(Math.max(256, length));
    // A single huge header must not pin its buffer for the life of the connection.
    if (length <= 1024) this.scratch = scratch;
    return scratch;
  }
}
