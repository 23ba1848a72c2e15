import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { CommandError } from "../command/command-error.js";
import { wellKnownFile } from "./well-known-files.js";

/** What a server may make us read before we believe that it means harm. */
export interface DescriptorLimits {
  readonly files: number;
  /** Of all files together, serialized. */
  readonly octets: number;
  /** Messages, enums, fields, enum values, services and methods of all files together. */
  readonly definitions: number;
  /** Messages inside messages. */
  readonly nesting: number;
  /** Characters of a name. */
  readonly nameLength: number;
}

/** Far above what one server describes (ours), and little enough to read in a second. */
export const defaultDescriptorLimits: DescriptorLimits = {
  files: 2000,
  octets: 16 * 1024 * 1024,
  definitions: 200_000,
  nesting: 32,
  nameLength: 512,
};

/**
 * The files that a server describes itself with, as they come; each is checked before it is kept. Everything that it
 * throws is a `CommandError`.
 */
export class DescriptorFiles {
  readonly #limits: DescriptorLimits;
  readonly #files = new Map<string, FileDescriptorProto>();
  #octets = 0;
  #definitions = 0;

  constructor(limits: DescriptorLimits = defaultDescriptorLimits) {
    this.#limits = limits;
  }

  has(name: string): boolean {
    return this.#files.has(name) || wellKnownFile(name) !== undefined;
  }

  add(serialized: Uint8Array): void {
    this.#octets += serialized.length;
    if (this.#octets > this.#limits.octets) throw refused(`they have more than ${this.#limits.octets} octets`);
    let file: FileDescriptorProto;
    try {
      file = fromBinary(FileDescriptorProtoSchema, serialized);
    } catch (error) {
      throw refused(`a file cannot be decoded: ${(error as Error).message}`);
    }
    this.#checkFileName(file.name);
    if (this.has(file.name)) return;
    if (this.#files.size >= this.#limits.files) throw refused(`there are more than ${this.#limits.files} files`);
    for (const name of file.dependency) this.#checkFileName(name);
    if (file.package !== "") for (const part of file.package.split(".")) this.#checkName(part);
    this.#checkDefinitions(file);
    this.#files.set(file.name, file);
  }

  /** Imports that are not here yet. */
  missing(): readonly string[] {
    const wanted = new Set<string>();
    for (const { dependency } of this.#files.values()) {
      for (const name of dependency) if (!this.has(name)) wanted.add(name);
    }
    return [...wanted];
  }

  /** Everything that was added, as one registry. */
  registry(): FileRegistry {
    const file = inOrderOfImport(this.#files);
    try {
      return createFileRegistry(create(FileDescriptorSetSchema, { file }));
    } catch (error) {
      throw refused((error as Error).message);
    }
  }

  #checkDefinitions(file: FileDescriptorProto): void {
    for (const each of file.enumType) this.#checkEnum(each);
    for (const { name, method } of file.service) {
      this.#count(1 + method.length);
      this.#checkName(name);
      for (const each of method) this.#checkName(each.name);
    }
    for (const { name } of file.extension) this.#checkName(name);
    this.#count(file.extension.length);
    // Not by recursion: how deep it goes is for the server to say.
    const open: { readonly message: DescriptorProto; readonly depth: number }[] = [];
    for (const message of file.messageType) open.push({ message, depth: 1 });
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { message, depth } = next;
      if (depth > this.#limits.nesting) throw refused(`messages are nested deeper than ${this.#limits.nesting}`);
      this.#count(1 + message.field.length + message.oneofDecl.length + message.extension.length);
      this.#checkName(message.name);
      for (const { name, jsonName } of message.field) {
        this.#checkName(name);
        if (jsonName.length > this.#limits.nameLength || unprintable.test(jsonName) || jsonName === "__proto__")
          throw refused(`${shown(jsonName)} is no name for JSON`);
      }
      for (const { name } of message.oneofDecl) this.#checkName(name);
      for (const each of message.enumType) this.#checkEnum(each);
      for (const nested of message.nestedType) open.push({ message: nested, depth: depth + 1 });
    }
  }

  #checkEnum({ name, value }: EnumDescriptorProto): void {
    this.#count(1 + value.length);
    this.#checkName(name);
    for (const each of value) this.#checkName(each.name);
  }

  #count(definitions: number): void {
    this.#definitions += definitions;
    if (this.#definitions > this.#limits.definitions)
      throw refused(`they define more than ${this.#limits.definitions} names`);
  }

  #checkName(name: string): void {
    if (name.length > this.#limits.nameLength || !identifier.test(name)) throw refused(`${shown(name)} is no name`);
  }

  #checkFileName(name: string): void {
    if (name === "" || name.length > this.#limits.nameLength || unprintable.test(name))
      throw refused(`${shown(name)} is no name of a file`);
  }
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them
const unprintable = /[\u0000-\u001f\u007f-\u009f]/;

function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** Each file behind what it imports. Throws `CommandError` for an import that is missing, or that comes back to itself. */
function inOrderOfImport(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const done = new Map<string, FileDescriptorProto>();
  const entered = new Set<string>();
  const find = (name: string): FileDescriptorProto | undefined => files.get(name) ?? wellKnownFile(name);
  for (const first of files.keys()) {
    // Not by recursion, for the same reason as above.
    const path: { readonly file: FileDescriptorProto; next: number }[] = [];
    const enter = (name: string, importer: string): void => {
      if (done.has(name)) return;
      const file = find(name);
      if (file === undefined) throw refused(`${importer} imports ${name}, which the server does not have`);
      if (entered.has(name)) throw refused(`${importer} imports ${name}, which imports it`);
      entered.add(name);
      path.push({ file, next: 0 });
    };
    enter(first, first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const dependency = top.file.dependency[top.next++];
      if (dependency !== undefined) {
        enter(dependency, top.file.name);
        continue;
      }
      done.set(top.file.name, top.file);
      path.pop();
    }
  }
  return [...done.values()];
}

function refused(why: string): CommandError {
  return new CommandError(
    `the server's description of itself cannot be used: ${why}`,
    "check what listens at the target",
  );
}
