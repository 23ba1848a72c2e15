export {};
//# sourceMappingURL=write-queue.test.d.ts.map