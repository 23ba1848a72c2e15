/**
 * The rings inside a service: domain ← use cases ← store and transport ← main. A file imports its own ring or one further in, so a
 * rule about orders can be read, tested and moved without its database.
 */
const rings = ["domain", "use cases", "store and transport", "main"] as const;

/**
 * A file or folder of the outer ring. A file such as order-store.ts is not: it declares, for the use cases, what store.ts has to do.
 */
const outerName = /^(?:store|schema|migrations|transport|[\w-]+-rows)(?:\.ts)?$/;

/** The ring of a file under a service's src, by its path from there: 0 is the innermost. */
function ringOf(path: string): number {
  if (path.startsWith("domain/")) return 0;
  if (path === "main.ts") return 3;
  return path.split("/").some((name) => outerName.test(name)) ? 2 : 1;
}

/** Whether a file under src stands outside the use cases, where a database may be spoken to. */
export function isOuter(path: string): boolean {
  return ringOf(path) >= 2;
}

/** What is wrong with one file of src importing another, or undefined. */
export function ringViolation(from: string, to: string): string | undefined {
  if (ringOf(to) <= ringOf(from)) return undefined;
  return `${rings[ringOf(from)]}: imports ${to}, which is ${rings[ringOf(to)]}`;
}
