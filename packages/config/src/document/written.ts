/** Where something stands in a text. Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A value of a document, with the place that it was written at. */
export type Written = WrittenMap | WrittenList | WrittenScalar;

export interface WrittenMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, WrittenEntry>;
}

export interface WrittenEntry {
  /** Of the name. */
  readonly place: Place;
  readonly value: Written;
}

export interface WrittenList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Written[];
}

export interface WrittenScalar {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: string | number | boolean | null;
}

/** The value as `JSON.parse` would give it. A name such as `__proto__` is a name like any other. */
export function plain(written: Written): unknown {
  if (written.kind === "scalar") return written.value;
  if (written.kind === "list") return written.items.map(plain);
  const value: Record<string, unknown> = {};
  for (const [name, entry] of written.entries) {
    const held = plain(entry.value);
    Object.defineProperty(value, name, { value: held, enumerable: true, writable: true, configurable: true });
  }
  return value;
}

/** `config/default.yaml:3:5`, as editors and terminals open it. */
export function at(name: string, { line, column }: Place): string {
  return `${name}:${line}:${column}`;
}
