import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
/**
 * Makes this process the only owner of a database file. The lock is one of the operating system, held through SQLite on the empty
 * file `<file>-lock`: it goes when the process ends, however it ends, so a killed owner leaves nothing to clean. The text in
 * `<file>-owner` only says who it is. Nobody may open `<file>-lock` by other means: closing any descriptor of it drops the lock
 * (fcntl(2)).
 */
export interface FileOwnership {
    /** The file, without links, so that two names of one file are one owner's. */
    readonly path: string;
    release(): void;
}
/** Throws `FILE_IN_USE`, with the process that holds it. The folder must exist. */
export declare function ownFile(file: string, clock: Clock, logger: Logger): FileOwnership;
//# sourceMappingURL=file-owner.d.ts.map