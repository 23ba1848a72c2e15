/**
 * Upper bounds for durations of calls, in seconds: from a call within the process to one at the default deadline. Steps
 * are about 2.5-fold, as in Prometheus's own default, which begins at 5 ms and would show nothing of a call in memory.
 */
export const durationBuckets: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
