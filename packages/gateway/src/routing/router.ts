import { rest, star, type Template } from "./template.js";

/** A route that was found, with the raw segments of the path; the verb is cut off the last one. */
export interface Found<T> {
  readonly value: T;
  readonly segments: readonly string[];
}

/**
 * From an HTTP method and a raw path (still percent-encoded, without query) to a value.
 *
 * The narrowest template wins: segment by segment from the left, a literal before `*` before `**`. A path that ends in
 * `:verb` belongs to a template with that verb if there is one; only then is the colon a part of the last segment.
 * Templates of one method must not cross (see `overlap`), so there is never more than one narrowest.
 */
export class Router<T> {
  // One trie a method, because the narrowest template of a path may differ from method to method.
  readonly #methods = new Map<string, Tree<T>>();

  add(httpMethod: string, template: Template, value: T): void {
    let tree = this.#methods.get(httpMethod);
    if (tree === undefined) {
      tree = new Tree();
      this.#methods.set(httpMethod, tree);
    }
    tree.add(template, value);
  }

  find(httpMethod: string, path: string): Found<T> | undefined {
    return this.#methods.get(httpMethod)?.find(path);
  }

  /** The methods for which the path has a route, in alphabetical order; for `Allow`, so it need not be fast. */
  allowed(path: string): string[] {
    return [...this.#methods]
      .filter(([, tree]) => tree.find(path) !== undefined)
      .map(([method]) => method)
      .sort();
  }
}

const noSegments: readonly string[] = [];

/** Values that end at a place of the trie, by verb; `""` is no verb. */
type Ends<T> = Map<string, T>;

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  star: Node<T> | undefined;
  readonly ends: Ends<T>;
  readonly rests: Ends<T>;
}

class Tree<T> {
  readonly #root: Node<T> = newNode();
  /** Whole paths of templates without wildcards: nothing is narrower, so one look-up decides. */
  readonly #fixed = new Map<string, Found<T>>();
  #verbs = false;

  add(template: Template, value: T): void {
    let node = this.#root;
    let open = false;
    for (const segment of template.segments) {
      if (segment === rest) open = true;
      else if (segment === star) node = node.star ??= newNode();
      else node = child(node, segment.literal);
    }
    (open ? node.rests : node.ends).set(template.verb, value);
    if (template.verb !== "") this.#verbs = true;
    if (template.variables.length === 0 && template.segments.every((segment) => typeof segment !== "string")) {
      this.#fixed.set(template.source, { value, segments: noSegments });
    }
  }

  find(path: string): Found<T> | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return fixed;
    if (path.charCodeAt(0) !== 0x2f) return undefined;
    const segments = path.slice(1).split("/");
    if (this.#verbs) {
      const last = segments[segments.length - 1] as string;
      const colon = last.lastIndexOf(":");
      if (colon >= 0) {
        const cut = segments.with(-1, last.slice(0, colon));
        const value = search(this.#root, cut, 0, last.slice(colon + 1));
        if (value !== undefined) return { value, segments: cut };
      }
    }
    const value = search(this.#root, segments, 0, "");
    return value === undefined ? undefined : { value, segments };
  }
}

/** Depth first with backtracking; a node is visited once at most, so the size of the trie bounds the work. */
function search<T>(node: Node<T>, segments: readonly string[], at: number, verb: string): T | undefined {
  if (at === segments.length) return node.ends.get(verb) ?? node.rests.get(verb);
  const segment = segments[at] as string;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const value = search(literal, segments, at + 1, verb);
    if (value !== undefined) return value;
  }
  if (node.star !== undefined && segment !== "") {
    const value = search(node.star, segments, at + 1, verb);
    if (value !== undefined) return value;
  }
  return node.rests.get(verb);
}

function child<T>(node: Node<T>, literal: string): Node<T> {
  let next = node.literals.get(literal);
  if (next === undefined) {
    next = newNode();
    node.literals.set(literal, next);
  }
  return next;
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), star: undefined, ends: new Map(), rests: new Map() };
}
