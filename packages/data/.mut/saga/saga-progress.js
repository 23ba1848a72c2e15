export const backwardOf = (progress) => progress.status === "compensating" || (progress.status === "stuck" && progress.resumeAs === "compensating");
/** It takes no signals any more: it goes back, or has ended. */
export const isLate = (progress) => progress.status === "completed" || progress.status === "compensated" || backwardOf(progress);
//# sourceMappingURL=saga-progress.js.map