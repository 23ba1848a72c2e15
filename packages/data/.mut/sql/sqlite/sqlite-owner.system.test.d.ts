export {};
//# sourceMappingURL=sqlite-owner.system.test.d.ts.map