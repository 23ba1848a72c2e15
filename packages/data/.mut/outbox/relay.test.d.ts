export {};
//# sourceMappingURL=relay.test.d.ts.map