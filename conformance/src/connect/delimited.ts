/** Messages on standard input and output, each behind its length in four octets, most significant first. */
export async function* readDelimited(input: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let waiting = Buffer.alloc(0);
  for await (const chunk of input) {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 4) {
      const end = 4 + waiting.readUInt32BE(0);
      if (waiting.length < end) break;
      yield waiting.subarray(4, end);
      waiting = waiting.subarray(end);
    }
  }
}

export function delimited(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}
