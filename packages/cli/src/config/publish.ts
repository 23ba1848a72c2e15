import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { documentFile } from "./document-file.js";
import { type Published, requireDocument, withoutSettings, withPublished } from "./published.js";

const shape = { service: { type: "string" }, at: { type: "string" } } as const;

/** `sampan config publish <file> --service order`. */
export async function publishDocument(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const { values, positionals } = readOptions("config", own, shape);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new CommandError("sampan config publish takes one file", "", 2);
  return withPublished({ service: values.service, at: values.at, flags }, async (published) => {
    const text = await documentFile(file);
    requireDocument(published.service, file, text);
    print(await replaceDocument(published, () => text));
    return 0;
  });
}

/** `sampan config rollback --service order`. */
export async function rollBackDocument(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const { values } = readOptions("config", own, shape);
  return withPublished({ service: values.service, at: values.at, flags }, async (published) => {
    const { store, key, service } = published;
    const { text } = await store.get(previousOf(key));
    if (text === undefined) throw new CommandError(`there is nothing before the present ${key}`, "publish a document");
    // It was good when it was published, perhaps for another release.
    requireDocument(service, previousOf(key), text);
    print(await replaceDocument(published, () => text));
    return 0;
  });
}

/**
 * Publishes what is made of the present text, and keeps that for a rollback. Of two publishers who began at the same text
 * one is refused with `CHANGED_MEANWHILE`. Gives a line that says what happened.
 */
export async function replaceDocument(
  { store, key }: Published,
  make: (present: string | undefined) => string,
): Promise<string> {
  const present = await store.get(key);
  const text = make(present.text);
  if (text === present.text) return `${key}: nothing changes, revision ${present.revision}`;
  // First, so that there is never a new document without the way back. When the publishing is refused it is what stands.
  if (present.text !== undefined) await store.publish(previousOf(key), present.text);
  const revision = await store.publish(key, text, present.revision);
  return `${key}: published, revision ${revision}${present.revision === "" ? "" : ` after ${present.revision}`}`;
}

function previousOf(key: string): string {
  return `${key}.previous`;
}
