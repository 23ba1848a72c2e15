export interface PairTables {
    pair: {
        n: bigint | number;
        side: string;
    };
}
export declare const pairSchema: {
    name: string;
    migrations: {
        id: string;
        up: string[];
    }[];
};
//# sourceMappingURL=writer-process.fixture.d.ts.map