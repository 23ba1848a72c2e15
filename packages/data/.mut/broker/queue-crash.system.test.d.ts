export {};
//# sourceMappingURL=queue-crash.system.test.d.ts.map