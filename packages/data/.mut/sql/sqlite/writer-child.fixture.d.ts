/** A writer process (see writer-process.fixture.ts) as a test holds it. */
export interface WriterChild {
    /** Lines it has printed so far. */
    readonly lines: readonly string[];
    /** The writer's own number, not that of its wrapper; 0 until it has opened its file. */
    readonly pid: number;
    /** Resolves when a line satisfies the test; rejects when the process ends before. */
    until(test: (line: string) => boolean): Promise<void>;
    /** SIGKILL, and everything that it printed before is in `lines`. */
    kill(): Promise<void>;
}
/** Starts one; `wrapper` is a program that runs it, with its arguments, such as `strace -o file`. */
export declare function startWriter(args: readonly string[], wrapper?: readonly string[]): WriterChild;
//# sourceMappingURL=writer-child.fixture.d.ts.map