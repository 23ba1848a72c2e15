import type { WorkspacePackage } from "../source-tree.js";
import { type Room, rooms } from "./rooms.js";

/** The packages of a tree and the rooms they live in: answers who is who, and who may know whom. */
export class Neighbourhood {
  readonly packages: readonly WorkspacePackage[];
  readonly #byName: ReadonlyMap<string, WorkspacePackage>;

  constructor(packages: readonly WorkspacePackage[]) {
    this.packages = packages;
    this.#byName = new Map(packages.flatMap((each) => (each.manifest.name ? [[each.manifest.name, each]] : [])));
  }

  packageNamed(name: string): WorkspacePackage | undefined {
    return this.#byName.get(name);
  }

  /** The package whose folder holds the file; the root's own package holds what no other does. */
  packageOf(file: string): WorkspacePackage | undefined {
    const holders = this.packages.filter(({ folder }) => folder === "" || file.startsWith(`${folder}/`));
    return holders.sort((a, b) => b.folder.length - a.folder.length)[0];
  }

  roomOf(file: string): Room | undefined {
    return rooms.find((room) => {
      const parts = room.folder.split("/");
      const names = file.split("/");
      return names.length > parts.length && parts.every((part, index) => part === "*" || part === names[index]);
    });
  }

  /** Whether the file lies where every folder must be a room, so that a new package cannot stay outside the table. */
  needsRoom(file: string): boolean {
    return this.roomOf(file) !== undefined || /^(?:packages|services)\//.test(file);
  }

  mayImport(room: Room, target: Room, extra: readonly string[] = []): boolean {
    return room.mayImport === "everything" || room.mayImport.includes(target.name) || extra.includes(target.name);
  }

  /** Whether a room may use a package from outside, asked by one of its files. */
  mayUse(room: Room, name: string, file: string): boolean {
    if (room.external === "fetched") return true;
    if (room.external !== "declared")
      return room.external.includes(name) || room.rings?.storeMayUse.includes(name) === true;
    const manifest = this.packageOf(file)?.manifest;
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest ?? {};
    return name in { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
  }
}
