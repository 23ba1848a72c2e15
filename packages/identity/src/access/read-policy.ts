import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { problemOf } from "../certificates/spiffe-id.js";
import { AccessErrors } from "./access-errors.js";
import type { AccessPolicy, AccessRule } from "./policy.js";

/** Something wrong with a policy document, and where; lines and columns from 1. */
export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  readonly why: string;
}

export type PolicyResult =
  | { readonly policy: AccessPolicy; readonly problems?: undefined }
  | { readonly policy?: undefined; readonly problems: readonly PolicyProblem[] };

const maxBytes = 1024 * 1024;
const maxRules = 1000;
const maxPatterns = 1000;

/**
 * Reads a policy, YAML 1.2 or JSON. Strict: a field that is not known, or a pattern that could match nothing, is a
 * problem, because a typing error must not open or close a door. Never throws for what is written in it.
 */
export function readAccessPolicy(text: string): PolicyResult {
  if (Buffer.byteLength(text) > maxBytes)
    return { problems: [{ line: 1, column: 1, why: `it has more than ${maxBytes} bytes` }] };
  return new PolicyReader(text).read();
}

/** Throws `POLICY_INVALID` with every problem, each on a line of its own behind `source`. */
export function requireAccessPolicy(text: string, source: string): AccessPolicy {
  const { policy, problems } = readAccessPolicy(text);
  if (problems === undefined) return policy;
  const lines = problems.map(({ line, column, why }) => `${source}:${line}:${column}: ${why}`).join("\n");
  throw AccessErrors.POLICY_INVALID({ source, count: String(problems.length), problems: lines });
}

class PolicyReader {
  readonly #problems: PolicyProblem[] = [];
  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #names = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): PolicyResult {
    let document: ReturnType<typeof parseDocument>;
    try {
      document = parseDocument(this.#text, { lineCounter: this.#lines, version: "1.2", merge: false });
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      return { problems: [{ line: 1, column: 1, why: "it is nested too deeply" }] };
    }
    for (const error of document.errors) this.#problem(error.pos[0], error.message.split("\n")[0] as string);
    if (this.#problems.length > 0) return { problems: this.#problems };
    const fields = this.#map(document.contents, ["mode", "default", "rules"], "the policy");
    const mode = this.#oneOf(fields.get("mode"), ["enforce", "shadow"], "enforce");
    const standard = this.#oneOf(fields.get("default"), ["deny", "allow"], "deny");
    const items = this.#list(fields.get("rules"), document.contents, "rules", maxRules);
    const rules = items.map((item) => this.#rule(item));
    if (this.#problems.length > 0) return { problems: this.#problems };
    return { policy: { mode, default: standard, rules } };
  }

  #rule(node: Node): AccessRule {
    const fields = this.#map(node, ["name", "action", "mode", "from", "to"], "a rule");
    const nameNode = fields.get("name");
    const name = this.#string(nameNode ?? node, nameNode, "name");
    if (name !== "" && !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
      this.#at(nameNode, "a name has small letters, digits, dots, dashes and _, at most 100");
    }
    if (name !== "" && this.#names.has(name)) this.#at(nameNode, `two rules are named ${name}`);
    this.#names.add(name);
    return {
      name,
      action: this.#oneOf(fields.get("action"), ["allow", "deny"], "allow"),
      mode: this.#oneOf(fields.get("mode"), ["enforce", "shadow"], "enforce"),
      from: this.#patterns(fields.get("from"), node, "from", callerProblem),
      to: this.#patterns(fields.get("to"), node, "to", methodProblem),
    };
  }

  #patterns(
    node: Node | undefined,
    rule: Node,
    field: string,
    problem: (text: string) => string | undefined,
  ): string[] {
    return this.#list(node, rule, field, maxPatterns).map((item) => {
      const text = this.#string(item, item, field);
      const why = text === "" ? undefined : problem(text);
      if (why !== undefined) this.#at(item, why);
      return text;
    });
  }

  #map(node: Node | null, known: readonly string[], what: string): ReadonlyMap<string, Node> {
    const fields = new Map<string, Node>();
    if (!isMap(node)) {
      this.#at(node, `${what} must be a map of ${known.join(", ")}`);
      return fields;
    }
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      if (!known.includes(name))
        this.#at(key as Node, `${name === "" ? "this" : name} is no field of ${what}; there are ${known.join(", ")}`);
      else if (value !== null) fields.set(name, value as Node);
    }
    return fields;
  }

  #list(node: Node | undefined, holder: Node | null, field: string, most: number): Node[] {
    if (!isSeq(node) || node.items.length === 0) {
      this.#at(node ?? holder, `${field} must be a list that is not empty`);
      return [];
    }
    if (node.items.length > most) this.#at(node, `${field} has more than ${most} entries`);
    return node.items.slice(0, most) as Node[];
  }

  #oneOf<T extends string>(node: Node | undefined, values: readonly [T, ...T[]], fallback: T): T {
    if (node === undefined) return fallback;
    const value = isScalar(node) ? values.find((each) => each === node.value) : undefined;
    if (value === undefined) this.#at(node, `it must be ${values.join(" or ")}`);
    return value ?? fallback;
  }

  #string(at: Node | null, node: Node | undefined, field: string): string {
    if (isScalar(node) && typeof node.value === "string" && node.value !== "") return node.value;
    this.#at(at, `${field} must be a text`);
    return "";
  }

  #at(node: Node | null | undefined, why: string): void {
    this.#problem(node?.range?.[0] ?? 0, why);
  }

  #problem(offset: number, why: string): void {
    if (this.#problems.length >= 50) return;
    const { line, col } = this.#lines.linePos(offset);
    this.#problems.push({ line: Math.max(1, line), column: Math.max(1, col), why });
  }
}

function callerProblem(pattern: string): string | undefined {
  if (pattern === "*" || pattern === "anyone" || /^[a-z0-9][a-z0-9-]{0,62}$/.test(pattern)) return undefined;
  if (!pattern.startsWith("spiffe://")) return "write the name of a service, a SPIFFE id, * or anyone";
  const [, , trustDomain = "", ...segments] = pattern.split("/");
  const plain = ["spiffe:", "", trustDomain, ...segments.map((segment) => (segment === "*" ? "x" : segment))].join("/");
  if (segments.length === 0) return "a service's SPIFFE id has a path";
  return problemOf(plain);
}

function methodProblem(pattern: string): string | undefined {
  if (pattern === "*" || /^[A-Za-z_][\w.]*\/(\*|[A-Za-z_]\w*)$/.test(pattern)) return undefined;
  return "write a method such as order.v1.OrderService/CreateOrder, order.v1.OrderService/* or *";
}
