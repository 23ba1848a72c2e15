import {
  createRegistry,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescService,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** The descriptors of some services and of everything that they import, for reflection. Files are serialized once. */
export interface DescriptorIndex {
  readonly services: readonly string[];
  /** The file and its imports, each serialized; undefined when it is not known. */
  file(name: string): Uint8Array[] | undefined;
  /** By the full name of a service, method, message, field, oneof, enum, enum value or extension. */
  fileOfSymbol(name: string): Uint8Array[] | undefined;
  fileOfExtension(type: string, number: number): Uint8Array[] | undefined;
  /** Undefined when the type is not known. */
  extensionNumbers(type: string): number[] | undefined;
}

export function descriptorIndex(services: readonly DescService[]): DescriptorIndex {
  const files = new Map<string, DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(fileName(file))) return;
    files.set(fileName(file), file);
    for (const dependency of file.dependencies) add(dependency);
  };
  for (const service of services) add(service.file);
  const registry = createRegistry(...files.values());
  const extensions = [...registry].filter((desc): desc is DescExtension => desc.kind === "extension");
  const serialized = new Map<DescFile, Uint8Array>();
  const withImports = (file: DescFile | undefined): Uint8Array[] | undefined => {
    if (file === undefined) return undefined;
    const seen = new Set<DescFile>();
    const visit = (each: DescFile): void => {
      if (seen.has(each)) return;
      seen.add(each);
      for (const dependency of each.dependencies) visit(dependency);
    };
    visit(file);
    return [...seen].map((each) => {
      const octets = serialized.get(each) ?? toBinary(FileDescriptorProtoSchema, each.proto);
      serialized.set(each, octets);
      return octets;
    });
  };
  return {
    services: [...new Set(services.map(({ typeName }) => typeName))].sort(),
    file: (name) => withImports(files.get(name)),
    fileOfSymbol: (name) => withImports(fileOfSymbol(registry, name)),
    fileOfExtension(type, number) {
      return withImports(extensions.find((e) => e.extendee.typeName === type && e.number === number)?.file);
    },
    extensionNumbers(type) {
      if (registry.getMessage(type) === undefined) return undefined;
      return extensions.filter((extension) => extension.extendee.typeName === type).map(({ number }) => number);
    },
  };
}

function fileOfSymbol(registry: Registry, name: string): DescFile | undefined {
  const found = registry.get(name);
  if (found !== undefined) return found.file;
  const dot = name.lastIndexOf(".");
  if (dot < 0) return undefined;
  const member = name.slice(dot + 1);
  const parent = registry.get(name.slice(0, dot));
  if (parent?.kind === "service") return parent.methods.some(named(member)) ? parent.file : undefined;
  if (parent?.kind === "message" && hasMember(parent, member)) return parent.file;
  // Values of an enum are siblings of it, as in C++.
  for (const desc of registry) {
    if (desc.kind !== "enum") continue;
    const scope = desc.typeName.slice(0, desc.typeName.lastIndexOf(".") + 1);
    if (desc.values.some((value) => `${scope}${value.name}` === name || `${desc.typeName}.${value.name}` === name)) {
      return desc.file;
    }
  }
  return undefined;
}

function hasMember(message: DescMessage, name: string): boolean {
  return message.fields.some(named(name)) || message.oneofs.some(named(name));
}

function named(name: string): (desc: { readonly name: string }) => boolean {
  return (desc) => desc.name === name;
}

/** Descriptors carry the name without its ending. */
function fileName(file: DescFile): string {
  return `${file.name}.proto`;
}
