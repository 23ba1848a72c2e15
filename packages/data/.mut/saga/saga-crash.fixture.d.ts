import { type NoteTables } from "./saga.fixture.js";
import { type Saga } from "./saga.js";
/** A saga of the crash tests: its id, whether it will be rejected, and the folder of the world outside. */
export interface CrashState {
    readonly id: string;
    readonly rejected: boolean;
    readonly folder: string;
}
export declare const crashSaga: Saga<CrashState, NoteTables>;
/** `node saga-crash.fixture.js <folder> <sagas> <rejected: all | none | some> [boundary to die at]`: runs sagas to their end. */
export declare function runCrashProgram([folder, count, rejected, dieAt]: readonly string[]): Promise<void>;
//# sourceMappingURL=saga-crash.fixture.d.ts.map