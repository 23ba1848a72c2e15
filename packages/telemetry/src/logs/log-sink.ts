/** Where finished lines go. Never throws, never waits. */
export interface LogSink {
  /** Takes a line without its line end; false when there is no room, and the line is lost. */
  write(line: string): boolean;
  /** Hands on what waits. */
  flush(): void;
}

export interface StreamSinkOptions {
  /** Characters that may wait for a slow reader before lines are lost. Default 1,000,000. */
  readonly maxBuffered?: number;
}

/** The part of a Node stream that is used; `process.stdout` and `process.stderr` are such. */
export interface LineStream {
  readonly writableLength: number;
  write(text: string): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Lines to a stream. Those of one turn of the event loop go out in one write, and what is left when the process exits
 * goes out then. When the reader is gone, lines are lost and nothing else happens.
 */
export function streamSink(stream: LineStream, options: StreamSinkOptions = {}): LogSink {
  const { maxBuffered = 1_000_000 } = options;
  let waiting = "";
  let scheduled = false;
  let broken = false;
  stream.on("error", () => {
    broken = true;
    waiting = "";
  });
  const flush = (): void => {
    scheduled = false;
    if (waiting === "") return;
    const text = waiting;
    waiting = "";
    stream.write(text);
  };
  process.once("exit", flush);
  return {
    write(line) {
      if (broken || stream.writableLength + waiting.length + line.length > maxBuffered) return false;
      waiting += `${line}\n`;
      if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
      return true;
    },
    flush,
  };
}
