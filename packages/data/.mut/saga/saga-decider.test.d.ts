export {};
//# sourceMappingURL=saga-decider.test.d.ts.map