import { METHODS } from "node:http";
import { type DescField, type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { type Method, methods } from "@sampan/core";
import { http } from "@sampan/protos/google/api/annotations_pb.js";
import type { HttpRule } from "@sampan/protos/google/api/http_pb.js";
import { type FieldPath, fieldNamed, fieldPath } from "../request/fields.js";
import { parseTemplate, type Template, type Variable } from "./template.js";

/** One HTTP method and path template of a method, checked against its messages. */
export interface Binding {
  readonly method: Method;
  readonly httpMethod: string;
  readonly template: Template;
  readonly variables: readonly BoundVariable[];
  /** The whole input (`"*"`), one field of it, or no body at all. */
  readonly body: "*" | DescField | undefined;
  /** The field of the output that is the answer; undefined for all of it. */
  readonly responseBody: DescField | undefined;
}

export interface BoundVariable extends Variable {
  readonly path: FieldPath;
}

/**
 * The bindings of all methods that carry `google.api.http`: the rule itself and its `additional_bindings`. What is
 * wrong with a contract is added to `problems`, each with the method's name.
 */
export function bindings(services: readonly DescService[], problems: string[]): Binding[] {
  const found: Binding[] = [];
  for (const service of services) {
    for (const method of methods(service)) {
      const rule = httpRule(method.desc);
      if (rule === undefined) continue;
      const fail = (why: string): void => {
        problems.push(`${method.path}: ${why}`);
      };
      for (const each of [rule, ...rule.additionalBindings]) {
        if (each !== rule && each.additionalBindings.length > 0) fail("additional_bindings do not nest");
        const binding = bind(method, each, fail);
        if (binding !== undefined) found.push(binding);
      }
    }
  }
  return found;
}

function httpRule(desc: DescMethod): HttpRule | undefined {
  return hasOption(desc, http) ? getOption(desc, http) : undefined;
}

type Fail = (why: string) => void;

function bind(method: Method, rule: HttpRule, fail: Fail): Binding | undefined {
  const { pattern } = rule;
  if (pattern.case === undefined) return void fail("google.api.http has no pattern");
  const custom = pattern.case === "custom";
  const httpMethod = custom ? pattern.value.kind : pattern.case.toUpperCase();
  if (httpMethod === "CONNECT" || !METHODS.includes(httpMethod))
    return void fail(`the HTTP method "${httpMethod}" is not known`);
  let template: Template;
  try {
    template = parseTemplate(custom ? pattern.value.path : pattern.value);
  } catch (error) {
    return void fail((error as Error).message);
  }
  const body = bodyOf(method, rule.body, fail);
  if (body !== undefined && (httpMethod === "GET" || httpMethod === "HEAD"))
    fail(`a ${httpMethod} request has no body`);
  const variables = template.variables.map((variable) => boundVariable(method, variable, body, fail));
  return {
    method,
    httpMethod,
    template,
    variables: variables.filter((variable) => variable !== undefined),
    body,
    responseBody: responseOf(method, rule.responseBody, fail),
  };
}

function bodyOf(method: Method, name: string, fail: Fail): Binding["body"] {
  if (name === "" || name === "*") return name === "*" ? "*" : undefined;
  const field = fieldNamed(method.input, name);
  if (field === undefined) fail(`body: ${method.input.typeName} has no field "${name}"`);
  return field;
}

function responseOf(method: Method, name: string, fail: Fail): DescField | undefined {
  if (name === "") return undefined;
  const field = fieldNamed(method.output, name);
  if (field === undefined) fail(`response_body: ${method.output.typeName} has no field "${name}"`);
  return field;
}

function boundVariable(
  method: Method,
  variable: Variable,
  body: Binding["body"],
  fail: Fail,
): BoundVariable | undefined {
  const path = fieldPath(method.input, variable.fieldPath);
  const last = path?.at(-1);
  if (path === undefined || last === undefined) {
    return void fail(`{${variable.fieldPath}}: ${method.input.typeName} has no such field`);
  }
  if (last.fieldKind !== "scalar" && last.fieldKind !== "enum") {
    return void fail(`{${variable.fieldPath}}: a path variable is a single string, number, boolean, bytes or enum`);
  }
  if (typeof body === "object" && path[0] === body)
    return void fail(`{${variable.fieldPath}}: lies within the body field`);
  return { ...variable, path };
}
