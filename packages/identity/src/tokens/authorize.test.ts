import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, MethodOptionsSchema } from "@bufbuild/protobuf/wkt";
import { AuthService, OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { type Call, type EndUser, type Method, methods, RpcError } from "@sampan/core";
import { Access, MethodRulesSchema, method as methodOption } from "@sampan/protos/sampan/v1/options_pb.js";
import { authorization } from "./authorize.js";

/** A method whose contract says this of it. */
function methodWith(rules: { access?: Access; roles?: string[]; scopes?: string[] } | undefined): Method {
  const options = create(MethodOptionsSchema);
  if (rules !== undefined) setExtension(options, methodOption, create(MethodRulesSchema, rules));
  const file = create(FileDescriptorProtoSchema, {
    name: "t.proto",
    package: "t",
    syntax: "proto3",
    messageType: [{ name: "M" }],
    service: [{ name: "S", method: [{ name: "Do", inputType: ".t.M", outputType: ".t.M", options }] }],
  });
  const service = createFileRegistry(file, () => undefined).getService("t.S");
  assert.ok(service !== undefined);
  return methods(service)[0] as Method;
}

function ask(method: Method, user?: EndUser): string {
  const handler = authorization()(() => "done", method);
  try {
    return handler({}, { user } as Call) as string;
  } catch (error) {
    return (error as RpcError).reason ?? "";
  }
}

const user = (roles: string[], scopes?: string[]): EndUser => ({
  subject: "u",
  roles,
  ...(scopes === undefined ? {} : { scopes }),
});
const refusedAtStart = (error: unknown): boolean => error instanceof RpcError && error.reason === "ACCESS_UNDECLARED";

describe("authorization by the contract", () => {
  it("a method without access stops the start", () => {
    assert.throws(() => authorization()(() => {}, methodWith(undefined)), refusedAtStart);
    assert.throws(() => authorization()(() => {}, methodWith({ roles: ["user"] })), refusedAtStart);
  });

  it("roles or scopes that nobody would check stop the start, and so do those that are no words", () => {
    for (const rules of [
      { access: Access.PUBLIC, scopes: ["a"] },
      { access: Access.INTERNAL, roles: ["a"] },
      { access: Access.USER, roles: [""] },
      { access: Access.OPERATOR, scopes: ["a b"] },
    ])
      assert.throws(() => authorization()(() => {}, methodWith(rules)), refusedAtStart, JSON.stringify(rules));
  });

  it("a method for users or operators is refused to others, and to nobody in particular", () => {
    assert.equal(ask(methodWith({ access: Access.USER }), user(["user"])), "done");
    assert.equal(ask(methodWith({ access: Access.USER }), user(["operator"])), "ROLE_REQUIRED");
    assert.equal(ask(methodWith({ access: Access.OPERATOR }), user(["user"])), "ROLE_REQUIRED");
    assert.equal(ask(methodWith({ access: Access.OPERATOR })), "USER_REQUIRED");
  });

  it("one of the roles is enough, and takes the place of the access's own; every scope is needed", () => {
    const either = methodWith({ access: Access.USER, roles: ["user", "operator"] });
    assert.deepEqual([ask(either, user(["operator"])), ask(either, user(["user"]))], ["done", "done"]);
    assert.equal(ask(methodWith({ access: Access.USER, roles: ["vip"] }), user(["user"])), "ROLE_REQUIRED");
    const scoped = methodWith({ access: Access.OPERATOR, scopes: ["a", "b"] });
    assert.equal(ask(scoped, user(["operator"], ["a", "b"])), "done");
    assert.equal(ask(scoped, user(["operator"], ["a"])), "SCOPE_REQUIRED");
    assert.equal(ask(scoped, user(["operator"])), "SCOPE_REQUIRED");
    assert.equal(ask(scoped, user(["user"], ["a", "b"])), "ROLE_REQUIRED");
  });

  it("public and internal methods cost nothing", () => {
    const next = (): void => {};
    for (const access of [Access.PUBLIC, Access.INTERNAL])
      assert.equal(authorization()(next, methodWith({ access })), next);
  });

  it("the platform's own contracts say it: managing operators needs its scope", () => {
    for (const method of methods(OperatorService)) {
      assert.equal(ask(method, user(["operator"])), "SCOPE_REQUIRED", method.path);
      assert.equal(ask(method, user(["operator"], ["operators.manage"])), "done", method.path);
    }
    for (const method of methods(AuthService))
      assert.doesNotThrow(() => authorization()(() => {}, method), method.path);
  });
});
