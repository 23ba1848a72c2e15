/** What is wrong with a service's name. All that are allowed fit every registry, and none reaches out of its place in a path. */
export function checkService(service: string): string | undefined {
  if (/^[A-Za-z0-9][\w.-]{0,199}$/.test(service)) return undefined;
  return "the service's name is not of letters, digits, `.`, `_` and `-`";
}
