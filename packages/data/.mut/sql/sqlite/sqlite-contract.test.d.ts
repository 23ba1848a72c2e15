export {};
//# sourceMappingURL=sqlite-contract.test.d.ts.map