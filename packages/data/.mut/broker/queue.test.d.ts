export {};
//# sourceMappingURL=queue.test.d.ts.map