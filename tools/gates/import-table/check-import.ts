import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { Finding } from "../gate.js";
import { isTestCode } from "../source-tree.js";
import { isPublicEntry } from "./exports.js";
import type { Neighbourhood } from "./neighbourhood.js";
import { isOuter, ringViolation } from "./rings.js";
import { type Room, testsMayImport } from "./rooms.js";
import type { ImportedName } from "./specifiers.js";

interface Importer {
  readonly file: string;
  readonly room: Room;
  /** From the package's folder: `src/domain/order.ts`. */
  readonly path: string;
  readonly folder: string;
  readonly isTest: boolean;
  /** Domain code of a service, which knows the core and itself and nothing else. Its tests may do more. */
  readonly isDomain: boolean;
}

interface Complaint {
  readonly problem: string;
  readonly fix: string;
}

/** What is wrong with one import of one file: nothing or one finding. */
export function checkImport(file: string, { specifier, line }: ImportedName, neighbourhood: Neighbourhood): Finding[] {
  const room = neighbourhood.roomOf(file);
  // A package without a room is reported once, at its package.json.
  if (!room) return [];
  const folder = neighbourhood.packageOf(file)?.folder ?? "";
  const path = folder ? file.slice(folder.length + 1) : file;
  const isTest = isTestCode(file);
  const isDomain = room.rings !== undefined && path.startsWith("src/domain/") && !isTest;
  const complaint = judge({ file, room, path, folder, isTest, isDomain }, specifier, neighbourhood);
  return complaint ? [{ file, line, ...complaint }] : [];
}

function judge(importer: Importer, specifier: string | undefined, neighbourhood: Neighbourhood): Complaint | undefined {
  const { room, isDomain } = importer;
  if (specifier === undefined) {
    if (room.computedImports || importer.isTest) return undefined;
    return {
      problem: "imports an expression, which hides from the import table what it loads",
      fix: 'give import() a string; a choice of modules is a map from a name to () => import("…")',
    };
  }
  if (specifier.startsWith("#")) return undefined;
  if (specifier.startsWith(".") || specifier.startsWith("/")) return judgePath(importer, specifier);
  if (isBuiltin(specifier)) {
    if (isDomain)
      return {
        problem: `domain imports ${specifier}`,
        fix: "pass what the rule needs as an argument; the domain does no I/O",
      };
    if (room.withoutNode)
      return { problem: `imports ${specifier}, which is not there where it runs`, fix: "do without it" };
    return undefined;
  }
  const [, name = specifier, subpath = ""] = specifier.match(/^((?:@[^/]+\/)?[^/]+)(\/.*)?$/) ?? [];
  const target = neighbourhood.packageNamed(name);
  if (target || name.startsWith("@sampan/")) return judgeRoom(importer, name, subpath, neighbourhood);
  return judgeExternal(importer, name, neighbourhood);
}

/** Relative imports stay in their package, and inside a service they point inward. */
function judgePath({ file, room, folder, isTest, isDomain }: Importer, specifier: string): Complaint | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier)).replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  if (specifier.startsWith("/") || target.startsWith("..") || (folder && !target.startsWith(`${folder}/`)))
    return {
      problem: `reaches out of its package: ${specifier}`,
      fix: "import the other package by its name, through its exports",
    };
  if (!room.rings || isTest) return undefined;
  const source = `${folder}/src/`;
  const [from, to] = [file, target].map((path) => path.slice(source.length)) as [string, string];
  const violation = ringViolation(from, to);
  if (!violation) return undefined;
  const fix = isDomain
    ? "move the rule's types into domain/ and let the outside import them"
    : "declare what you need as a type here, implement it there, and join both in main.ts";
  return { problem: violation, fix };
}

function judgeRoom(
  importer: Importer,
  name: string,
  subpath: string,
  neighbourhood: Neighbourhood,
): Complaint | undefined {
  const { room, path, isTest, isDomain } = importer;
  const target = neighbourhood.packageNamed(name);
  const targetRoom = target && neighbourhood.roomOf(target.file);
  if (!target || !targetRoom) return { problem: `imports ${name}, which is no package here`, fix: "correct the name" };
  if (!isPublicEntry(target.manifest, subpath)) {
    const fix = `import one of ${Object.keys(target.manifest.exports ?? {}).join(", ") || "nothing: it has no exports"}`;
    return { problem: `${name}${subpath} is not in the exports of ${name}`, fix };
  }
  if (target.folder === importer.folder) {
    if (isTest) return undefined;
    return { problem: `imports its own package by name: ${name}`, fix: "import the file by its relative path" };
  }
  const extra = [...(room.fileMayImport?.[path] ?? []), ...(isTest ? testsMayImport.rooms : [])];
  if (isDomain && targetRoom.name !== "core")
    return { problem: `domain imports ${name}`, fix: "the domain imports @sampan/core and its own folder only" };
  if (neighbourhood.mayImport(room, targetRoom, extra)) return undefined;
  return { problem: `${room.name} may not import ${targetRoom.name} (${name}${subpath})`, fix: allowedText(room) };
}

function judgeExternal(importer: Importer, name: string, neighbourhood: Neighbourhood): Complaint | undefined {
  const { room, file, path, isTest, isDomain } = importer;
  if (isTest && (testsMayImport.external as readonly string[]).includes(name)) return undefined;
  if (isDomain)
    return { problem: `domain imports ${name}`, fix: "the domain imports @sampan/core and its own folder only" };
  if (room.rings?.storeMayUse.includes(name)) {
    if (isTest || isOuter(path.replace(/^src\//, ""))) return undefined;
    return { problem: `only the store may import ${name}`, fix: "move what needs it into store.ts or a store/ folder" };
  }
  if (neighbourhood.mayUse(room, name, file)) return undefined;
  return { problem: `${room.name} may not import ${name}`, fix: allowedText(room) };
}

function allowedText({ name, mayImport, external, fileMayImport }: Room): string {
  const inside = mayImport === "everything" ? "every room" : mayImport.join(", ") || "no other room";
  const outside =
    typeof external === "string" ? "what its package.json declares" : external.join(", ") || "nothing from outside";
  const files = Object.entries(fileMayImport ?? {}).map(([file, more]) => `; only ${file} also ${more.join(", ")}`);
  return `${name} may import ${inside}, and ${outside}${files.join("")} (tools/gates/import-table/rooms.ts)`;
}
