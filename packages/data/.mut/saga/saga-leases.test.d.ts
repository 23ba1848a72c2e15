export {};
//# sourceMappingURL=saga-leases.test.d.ts.map