export {};
//# sourceMappingURL=queue-contract.test.d.ts.map