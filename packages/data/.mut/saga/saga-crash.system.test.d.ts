export {};
//# sourceMappingURL=saga-crash.system.test.d.ts.map