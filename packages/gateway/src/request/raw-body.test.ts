import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { create, type Message } from "@bufbuild/protobuf";
import { Code, RpcError } from "@sampan/core";
import { type HttpBody, HttpBodySchema } from "@sampan/protos/google/api/httpbody_pb.js";
import { contractOf } from "../testing/contract.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({
  Callback: { http: { pattern: { case: "post", value: "/callback" }, body: "raw" } },
  Mirror: {
    http: { pattern: { case: "post", value: "/mirror" }, body: "*" },
    input: "google.api.HttpBody",
    output: "google.api.HttpBody",
  },
  Notify: { http: { pattern: { case: "post", value: "/notify" }, body: "raw", responseBody: "raw" } },
  Picture: { http: { pattern: { case: "get", value: "/picture" }, responseBody: "raw" } },
});

let world: World;
let received: Message[] = [];
before(async () => {
  world = await worldOf([contract], {
    envelope: { mode: "code0" },
    emitDefaults: false,
    serve: (request: Message & { raw?: HttpBody }, call) => {
      received.push(request);
      if (call.method?.name === "Notify") {
        const { contentType = "", data } = request.raw ?? {};
        if (Buffer.from(data ?? []).toString() === "forged") throw new RpcError(Code.Unauthenticated, "no");
        // A service that does not know the field yet leaves it unset.
        const raw = create(HttpBodySchema, { contentType: "text/plain", data: Buffer.from("success") });
        const { raw: _, ...rest } = request;
        return contentType === "older/service" ? rest : { ...request, raw };
      }
      if (call.method?.name === "Picture")
        return {
          ...request,
          raw: create(HttpBodySchema, { contentType: "image/x\r\nevil: 1", data: Buffer.from("png") }),
        };
      if (call.method?.name === "Callback" && request.raw?.contentType === "fail/now")
        throw new RpcError(Code.InvalidArgument, "no");
      return request;
    },
  });
});
after(() => world.close());

const bytes = Buffer.from([0, 0xff, 0x7b, 0x22, 0x0d, 0x0a]);

test("the body reaches the service untouched, with its content type", async () => {
  received = [];
  const response = await world.fetch("/callback", {
    method: "POST",
    body: bytes,
    headers: { "content-type": "application/x-odd; v=1" },
  });
  assert.equal(response.status, 200);
  const { raw } = received[0] as Message & { raw: HttpBody };
  assert.equal(raw.contentType, "application/x-odd; v=1");
  assert.deepEqual(Buffer.from(raw.data), bytes);
});

test("a platform's callback is answered without an envelope, also when it is refused", async () => {
  const done = await world.fetch("/callback", {
    method: "POST",
    body: "x",
    headers: { "content-type": "a/b", "x-envelope": "code200" },
  });
  assert.deepEqual(Object.keys((await done.json()) as object), ["raw"]);
  const failed = await world.fetch("/callback", { method: "POST", body: "x", headers: { "content-type": "fail/now" } });
  assert.deepEqual(
    [failed.status, await failed.json()],
    [400, { code: 3, status: "INVALID_ARGUMENT", message: "no", details: [] }],
  );
});

test("a platform that wants one word as the answer to its form gets that word alone", async () => {
  received = [];
  const post = (body: string, type = "application/x-www-form-urlencoded; charset=utf-8") =>
    world.fetch("/notify", {
      method: "POST",
      body,
      headers: { "content-type": type, "x-envelope": "code200" },
    });
  const form = "total_amount=1.00&subject=%E8%8C%B6&sign=a%2Bb%3D%3D";
  const response = await post(form);
  assert.deepEqual(
    [response.status, response.headers.get("content-type"), await response.text()],
    [200, "text/plain", "success"],
  );
  const { raw } = received[0] as Message & { raw: HttpBody };
  assert.deepEqual(
    [raw.contentType, Buffer.from(raw.data).toString()],
    ["application/x-www-form-urlencoded; charset=utf-8", form],
  );
  const refused = await post("forged");
  assert.deepEqual(
    [refused.status, await refused.json()],
    [401, { code: 16, status: "UNAUTHENTICATED", message: "no", details: [] }],
  );
  const older = await post("x", "older/service");
  assert.deepEqual([older.status, await older.text()], [200, ""]);
});

test("an empty body leaves the field unset", async () => {
  received = [];
  await world.fetch("/callback", { method: "POST" });
  assert.equal((received[0] as Message & { raw?: HttpBody }).raw, undefined);
});

test("a whole message may be raw, in and out", async () => {
  const response = await world.fetch("/mirror", { method: "POST", body: bytes, headers: { "content-type": "x/y" } });
  assert.equal(response.headers.get("content-type"), "x/y");
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes);
});

test("a content type that is no header value is not sent", async () => {
  const response = await world.fetch("/picture");
  assert.deepEqual(
    [response.headers.get("content-type"), response.headers.get("evil"), await response.text()],
    ["application/octet-stream", null, "png"],
  );
});
