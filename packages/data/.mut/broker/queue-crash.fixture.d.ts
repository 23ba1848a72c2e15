export {};
//# sourceMappingURL=queue-crash.fixture.d.ts.map