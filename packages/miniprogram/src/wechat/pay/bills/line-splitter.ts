/** Thrown as text into `BILL_INVALID` by whoever reads: what is wrong with a bill, and where. */
export class BillDefect extends Error {}

/**
 * Cuts a file that arrives in pieces into lines, without their ends (LF or CR LF) and without a byte order mark. Hot
 * path: a bill may have a million lines. A line longer than the limit, in bytes, is a defect, so a file that has no
 * lines at all does not fill the memory.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #first = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this piece. */
  *push(piece: Buffer): Generator<string> {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      yield this.#line(piece.subarray(start, end));
      start = end + 1;
    }
    const left = piece.subarray(start);
    this.#check(this.#rest.length + left.length);
    // Copied, as the piece's memory may be used again.
    this.#rest = this.#rest.length === 0 ? Buffer.from(left) : Buffer.concat([this.#rest, left]);
  }

  /** The last line when it has no end, else undefined. */
  end(): string | undefined {
    return this.#rest.length === 0 ? undefined : this.#line(Buffer.alloc(0));
  }

  #line(last: Buffer): string {
    this.#check(this.#rest.length + last.length);
    let bytes = this.#rest.length === 0 ? last : Buffer.concat([this.#rest, last]);
    if (this.#rest.length > 0) this.#rest = Buffer.alloc(0);
    if (this.#first && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    this.#first = false;
    if (bytes.at(-1) === 13) bytes = bytes.subarray(0, -1);
    return bytes.toString("utf8");
  }

  #check(length: number): void {
    if (length > this.#maxBytes) throw new BillDefect(`a line is longer than ${this.#maxBytes} bytes`);
  }
}
