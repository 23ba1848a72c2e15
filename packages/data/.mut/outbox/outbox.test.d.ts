export {};
//# sourceMappingURL=outbox.test.d.ts.map