export {};
//# sourceMappingURL=consume.test.d.ts.map