import type { DocumentedError } from "./registered-errors.js";

export const errorsDoc = "docs/errors.md";

const intro = `# Errors

Every error that a caller can meet by name. A registered error travels as its status code, its message and a
\`google.rpc.ErrorInfo\` detail with the domain and reason; over HTTP the status below goes with it. Names in braces are
parameters, and come as \`ErrorInfo.metadata\` too. A failure that is not registered is \`Internal\`: its cause is in the
log of the service, under the call's trace id.

\`npm run errors\` writes this page from the code, and a gate fails when the two differ. Do not edit it by hand.

| domain | reason | code | HTTP status | message | what to do |
|---|---|---|---|---|---|
`;

/** The page that the errors of the code ask for. */
export function renderErrors(errors: readonly DocumentedError[]): string {
  return intro + errors.map((error) => `${rowOf(error)}\n`).join("");
}

export function rowOf({ domain, reason, code, status, message, fix }: DocumentedError): string {
  const cells = [domain, `\`${reason}\``, code, String(status), text(message), text(fix)];
  return `| ${cells.join(" | ")} |`;
}

/** As a cell of a table: what Markdown would read as its own is escaped. */
function text(value: string): string {
  return value.replaceAll(/[\\|<>*_]/g, "\\$&").replaceAll("\n", " ");
}
