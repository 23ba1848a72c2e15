import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { HttpRuleSchema } from "@sampan/protos/google/api/http_pb.js";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { GatewayErrors } from "../errors.js";
import { contractOf, type TestMethod } from "../testing/contract.fixture.js";
import { type Route, routesOf } from "./routes.js";

type Rule = NonNullable<TestMethod["http"]>;
const get = (path: string): Rule => ({ pattern: { case: "get", value: path } });
const post = (path: string, body = "*"): Rule => ({ pattern: { case: "post", value: path }, body });

function routes(methods: Readonly<Record<string, TestMethod>>): Route[] {
  return routesOf([contractOf(methods)]);
}

function refusal(methods: Readonly<Record<string, TestMethod>>): string {
  try {
    routes(methods);
  } catch (error) {
    assert.ok(GatewayErrors.CONTRACT_REFUSED.is(error), String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: "the contract was accepted" });
}

test("every pattern and additional binding is a route", () => {
  const made = routes({
    Get: { http: get("/a/{name}") },
    Put: { http: { pattern: { case: "put", value: "/a/{name}" }, body: "inner" } },
    Delete: { http: { pattern: { case: "delete", value: "/a/{name}" } } },
    Patch: {
      http: {
        pattern: { case: "patch", value: "/a/{name}" },
        body: "*",
        additionalBindings: [create(HttpRuleSchema, post("/a/{name}:patch"))],
      },
    },
    Custom: { http: { pattern: { case: "custom", value: { kind: "PROPFIND", path: "/a" } } } },
    Plain: {},
  });
  assert.deepEqual(
    made.map((route) => `${route.httpMethod} ${route.template.source} ${route.method.name}`),
    [
      "GET /a/{name} Get",
      "PUT /a/{name} Put",
      "DELETE /a/{name} Delete",
      "PATCH /a/{name} Patch",
      "POST /a/{name}:patch Patch",
      "PROPFIND /a Custom",
    ],
  );
});

test("internal methods are never routed, and do not conflict", () => {
  const made = routes({
    Hidden: { http: get("/a"), rules: { access: Access.INTERNAL } },
    Shown: { http: get("/a"), rules: { access: Access.USER } },
  });
  assert.deepEqual(
    made.map((route) => route.method.name),
    ["Shown"],
  );
});

test("conflicts name both methods", () => {
  assert.match(
    refusal({ One: { http: get("/a/{name}") }, Two: { http: get("/a/{count}") } }),
    /ThingService\/One \(GET \/a\/\{name\}\) and \/test\.v1\.ThingService\/Two \(GET \/a\/\{count\}\) have the same paths/,
  );
  assert.match(
    refusal({ One: { http: get("/a/{name}/x") }, Two: { http: get("/a/b/{name}") } }),
    /One .* and .*Two .* share paths, and neither is narrower/,
  );
  assert.equal(routes({ One: { http: get("/a") }, Two: { http: post("/a") } }).length, 2);
});

for (const [why, method, pattern] of [
  ["no access", { http: get("/a"), rules: { access: Access.UNSPECIFIED } }, /Bad: .*access is missing/],
  ["a stream", { http: get("/a"), serverStreaming: true }, /Bad: google.api.http on a server_streaming method/],
  ["an unknown path field", { http: get("/a/{nope}") }, /\{nope\}: test.v1.Thing has no such field/],
  ["a message in the path", { http: get("/a/{inner}") }, /\{inner\}: a path variable is a single/],
  ["a list in the path", { http: get("/a/{tags}") }, /\{tags\}: a path variable is a single/],
  ["a path through a list", { http: get("/a/{inners.city}") }, /has no such field/],
  ["an unknown body field", { http: post("/a", "nope") }, /body: test.v1.Thing has no field "nope"/],
  ["a path variable inside the body", { http: post("/a/{inner.city}", "inner") }, /lies within the body field/],
  ["a body on GET", { http: { pattern: { case: "get", value: "/a" }, body: "*" } }, /a GET request has no body/],
  ["an unknown response_body", { http: { ...get("/a"), responseBody: "nope" } }, /response_body: .*no field "nope"/],
  ["a bad template", { http: get("/a/{") }, /Bad: \/a\/\{: "" is not a field path/],
  ["no pattern", { http: {} }, /google.api.http has no pattern/],
  [
    "an unknown HTTP method",
    { http: { pattern: { case: "custom", value: { kind: "*", path: "/a" } } } },
    /HTTP method "\*" is not known/,
  ],
  [
    "nested bindings",
    {
      http: {
        ...get("/a"),
        additionalBindings: [
          create(HttpRuleSchema, { ...get("/b"), additionalBindings: [create(HttpRuleSchema, get("/c"))] }),
        ],
      },
    },
    /do not nest/,
  ],
  ["an odd success_status", { http: get("/a"), rules: { successStatus: 404 } }, /success_status 404/],
  [
    "a token passed on",
    { http: get("/a"), rules: { passHeaders: ["authorization"] } },
    /"authorization" is never passed on/,
  ],
  ["an identity passed on", { http: get("/a"), rules: { passHeaders: ["x-sampan-tenant"] } }, /is never passed on/],
  ["an upper-case header", { http: get("/a"), rules: { passHeaders: ["X-A"] } }, /is not a lower-case header name/],
] as const satisfies readonly (readonly [string, TestMethod, RegExp])[]) {
  test(`refuses ${why}`, () => assert.match(refusal({ Bad: method }), pattern));
}

test("lists everything that is wrong at once", () => {
  const message = refusal({ One: { http: get("/{nope}") }, Two: { http: get("/a"), rules: { successStatus: 99 } } });
  assert.match(message, /One: [\s\S]*Two: /);
});
