import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { CommandError } from "../command/command-error.js";
import { JsonSplitter, type JsonText } from "./json-splitter.js";

/** JSON values in the order in which they come, and what to call the place that they come from. */
export interface RequestSource {
  readonly name: string;
  readonly values: AsyncIterable<JsonText>;
  /** Stops reading: a terminal or a pipe would keep the process otherwise. */
  close(): void;
}

/** Characters of one JSON value. */
const maxValueLength = 64 * 1024 * 1024;

/** From what `--data` was given: JSON, `@file`, or `@-` for standard input. */
export function openRequests(data: string, input: Readable, limit: number = maxValueLength): RequestSource {
  if (!data.startsWith("@")) {
    return { name: "the data", values: split("the data", [Buffer.from(data)], limit), close() {} };
  }
  const file = data.slice(1);
  const name = file === "-" ? "standard input" : file;
  const stream = file === "-" ? input : createReadStream(file);
  return { name, values: split(name, stream, limit), close: () => void stream.destroy() };
}

async function* split(
  name: string,
  chunks: AsyncIterable<Buffer | string> | Iterable<Buffer>,
  limit: number,
): AsyncGenerator<JsonText> {
  const splitter = new JsonSplitter(limit);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const tooLong = (): CommandError => new CommandError(`${name} holds a value of more than ${limit} characters`, "", 2);
  for await (const chunk of readable(name, chunks)) {
    let text: string;
    try {
      text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    } catch {
      throw new CommandError(`${name} is not UTF-8`, "", 2);
    }
    const found = splitter.push(text);
    if (found === undefined) throw tooLong();
    yield* found;
  }
  const rest = splitter.end();
  if (rest !== undefined) yield rest;
}

async function* readable<T>(name: string, chunks: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_STREAM_PREMATURE_CLOSE") return;
    const why = code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new CommandError(`${name} cannot be read: ${why}`, "name a file with --data @file, or use @-", 2);
  }
}
