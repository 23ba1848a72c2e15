/** Adds to `problems` unless the value is an address without a path. */
export function checkUrl(name: string, value: string, problems: string[]): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // The path is signed, so a prefix that a proxy takes away would break every signature.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    problems.push(`${name} is not an http or https address without a path`);
  }
}
