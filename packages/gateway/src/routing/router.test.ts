import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { overlap } from "./overlap.js";
import { Router } from "./router.js";
import { templateText } from "./template.fixture.js";
import { parseTemplate, rest, star, type Template } from "./template.js";

function routerOf(...templates: string[]): Router<string> {
  const router = new Router<string>();
  for (const template of templates) router.add("GET", parseTemplate(template), template);
  return router;
}

const at = (router: Router<string>, path: string): string | undefined => router.find("GET", path)?.value;

test("the narrowest template wins, whatever the order", () => {
  for (const order of [(a: string[]) => a, (a: string[]) => a.toReversed()]) {
    const router = routerOf(...order(["/v1/users/me", "/v1/users/{id}", "/v1/users/{id}/orders", "/v1/{rest=**}"]));
    assert.equal(at(router, "/v1/users/me"), "/v1/users/me");
    assert.equal(at(router, "/v1/users/7"), "/v1/users/{id}");
    assert.equal(at(router, "/v1/users/me/orders"), "/v1/users/{id}/orders");
    assert.equal(at(router, "/v1/users/me/other"), "/v1/{rest=**}");
    assert.equal(at(router, "/v1"), "/v1/{rest=**}");
    assert.equal(at(router, "/v2"), undefined);
  }
});

test("a verb goes to its template, and else belongs to the segment", () => {
  const router = routerOf("/v1/orders/{id}", "/v1/orders/{id}:cancel");
  assert.deepEqual(router.find("GET", "/v1/orders/7:cancel"), {
    value: "/v1/orders/{id}:cancel",
    segments: ["v1", "orders", "7"],
  });
  assert.deepEqual(router.find("GET", "/v1/orders/a:b"), {
    value: "/v1/orders/{id}",
    segments: ["v1", "orders", "a:b"],
  });
  assert.equal(at(router, "/v1/orders/a:b:cancel"), "/v1/orders/{id}:cancel");
  assert.equal(at(router, "/v1/orders/7%3Acancel"), "/v1/orders/{id}");
  assert.equal(at(router, "/v1/orders/:cancel"), "/v1/orders/{id}", "an empty id is not an id");
});

test("a wildcard takes no empty segment, and slashes are not ignored", () => {
  const router = routerOf("/v1/orders", "/v1/orders/{id}");
  for (const path of ["/v1/orders/", "/v1//orders", "//v1/orders", "v1/orders", "", "/v1/orders/a/"]) {
    assert.equal(at(router, path), undefined, path);
  }
});

test("methods have templates of their own", () => {
  const router = new Router<string>();
  router.add("POST", parseTemplate("/v1/orders/special"), "post special");
  router.add("GET", parseTemplate("/v1/orders/{id}"), "get any");
  assert.equal(router.find("GET", "/v1/orders/special")?.value, "get any");
  assert.equal(router.find("PUT", "/v1/orders/special"), undefined);
  assert.deepEqual(router.allowed("/v1/orders/special"), ["GET", "POST"]);
  assert.deepEqual(router.allowed("/v1/orders"), []);
});

/** What the documentation says, as a regular expression for each template and no cleverness. */
function reference(templates: readonly Template[], path: string): string | undefined {
  const last = path.slice(path.lastIndexOf("/") + 1);
  const colon = last.lastIndexOf(":");
  if (colon >= 0) {
    const cut = path.slice(0, path.length - last.length + colon);
    const found = narrowest(templates.filter((each) => each.verb === last.slice(colon + 1) && pattern(each).test(cut)));
    if (found !== undefined) return found;
  }
  return narrowest(templates.filter((each) => each.verb === "" && pattern(each).test(path)));
}

function narrowest(templates: readonly Template[]): string | undefined {
  return templates.find((a) => templates.every((b) => a === b || overlap(a, b) === "narrower"))?.source;
}

function pattern(template: Template): RegExp {
  const parts = template.segments.map((segment) =>
    segment === rest ? "(/.*)?" : segment === star ? "/[^/]+" : `/${segment.literal}`,
  );
  return new RegExp(`^${parts.join("")}$`);
}

test("finds what a naive matcher finds, for any templates that do not conflict", () => {
  const word = fc.constantFrom("a", "b", "c", "", "z", "a:go", "z:stop", ":go", "b:other");
  const path = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => `/${words.join("/")}`);
  fc.assert(
    fc.property(
      fc.array(templateText(), { maxLength: 8 }),
      fc.array(path, { minLength: 1, maxLength: 10 }),
      (written, paths) => {
        const templates: Template[] = [];
        for (const { text } of written) {
          const template = parseTemplate(text);
          const clash = templates.some((other) => ["same", "crossing"].includes(overlap(template, other)));
          if (!clash) templates.push(template);
        }
        const router = routerOf(...templates.map((template) => template.source));
        for (const each of paths) assert.equal(at(router, each), reference(templates, each), each);
      },
    ),
    { numRuns: 3000 },
  );
});
