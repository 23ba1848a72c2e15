export {};
//# sourceMappingURL=saga-signals.test.d.ts.map