import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding, Gate } from "../gate.js";
import { lineOf, packagesOf, sourceFiles } from "../source-tree.js";
import { checkImport } from "./check-import.js";
import { Neighbourhood } from "./neighbourhood.js";
import { testsMayImport } from "./rooms.js";
import { importedNames } from "./specifiers.js";

export const importTable: Gate = {
  name: "import-table",
  purpose: "who may import whom (architecture section 1): package.json dependencies and every import",
  find(root) {
    const files = sourceFiles(root);
    const neighbourhood = new Neighbourhood(packagesOf(root, files));
    return [
      ...manifestFindings(root, neighbourhood),
      ...files
        .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && neighbourhood.needsRoom(file))
        .flatMap((file) =>
          importedNames(readFileSync(join(root, file), "utf8")).flatMap((name) =>
            checkImport(file, name, neighbourhood),
          ),
        ),
    ];
  },
};

/** What package.json files say, whether or not a source already uses it. */
function manifestFindings(root: string, neighbourhood: Neighbourhood): Finding[] {
  return neighbourhood.packages.flatMap(({ file, manifest }) => {
    const room = neighbourhood.roomOf(file);
    if (!room) {
      if (!neighbourhood.needsRoom(file)) return [];
      return [
        { file, problem: "is in no room of the import table", fix: "add a row to tools/gates/import-table/rooms.ts" },
      ];
    }
    const composed = Object.values(room.fileMayImport ?? {}).flat();
    const { devDependencies = {}, ...rest } = manifest;
    const lists = [
      {
        names: { ...rest.dependencies, ...rest.peerDependencies, ...rest.optionalDependencies },
        extraRooms: composed,
        extra: [],
      },
      { names: devDependencies, extraRooms: [...composed, ...testsMayImport.rooms], extra: testsMayImport.external },
    ];
    return lists.flatMap(({ names, extraRooms, extra }) =>
      Object.keys(names).flatMap((name) => {
        const target = neighbourhood.packageNamed(name);
        const targetRoom = target && neighbourhood.roomOf(target.file);
        const allowed = target
          ? targetRoom !== undefined && neighbourhood.mayImport(room, targetRoom, extraRooms)
          : neighbourhood.mayUse(room, name, file) || (extra as readonly string[]).includes(name);
        if (allowed) return [];
        const problem = `${room.name} depends on ${target ? (targetRoom?.name ?? name) : name}, which the import table does not allow`;
        return [
          {
            file,
            line: lineOf(root, file, `"${name}"`),
            problem,
            fix: "remove it, or decide it in docs/design/0002-import-table.md",
          },
        ];
      }),
    );
  });
}
