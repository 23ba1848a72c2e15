export {};
//# sourceMappingURL=sqlite-durability.system.test.d.ts.map