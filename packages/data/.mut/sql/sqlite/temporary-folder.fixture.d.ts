/** A folder for one test; `remove` it at the end. */
export declare function temporaryFolder(): {
    readonly path: string;
    file(name: string): string;
    remove(): void;
};
//# sourceMappingURL=temporary-folder.fixture.d.ts.map