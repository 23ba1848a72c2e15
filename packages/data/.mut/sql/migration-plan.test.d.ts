export {};
//# sourceMappingURL=migration-plan.test.d.ts.map