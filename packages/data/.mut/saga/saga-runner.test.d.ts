export {};
//# sourceMappingURL=saga-runner.test.d.ts.map