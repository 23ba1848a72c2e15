import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openRecordedDoor, type RecordedDoor } from "./recorded-door.fixture.js";

let door: RecordedDoor;
before(async () => {
  door = await openRecordedDoor();
});
after(() => door.close());

const path = "/v1/platform/push?signature=ab&timestamp=1&nonce=2";
const text = (contentType: string, said: string) => ({
  body: { contentType, data: new TextEncoder().encode(said) },
});

test("the platform's check of the address is answered with the text alone, without a token", async () => {
  door.answer = () => text("text/plain", "4417");
  const response = await fetch(`${door.url}${path}&echostr=4417`);
  assert.deepEqual([response.status, await response.text()], [200, "4417"]);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  const { signature, timestamp, echostr } = door.received.at(-1) as unknown as Record<string, string>;
  assert.deepEqual([signature, timestamp, echostr], ["ab", "1", "4417"]);
});

test("what the platform pushes reaches the service byte for byte, whatever its type, and is answered in the platform's form", async () => {
  door.answer = () => text("text/plain", "success");
  const body = '{"ToUserName":"gh_1", "Encrypt":"a+/=" }\n';
  for (const type of ["application/json", "text/xml", "text/plain"]) {
    const query = "&encrypt_type=aes&msg_signature=cd&openid=o-1";
    const headers = { "content-type": type, "x-envelope": "code0" };
    const response = await fetch(door.url + path + query, { method: "POST", body, headers });
    assert.deepEqual([response.status, await response.text()], [200, "success"], type);
    const { body: raw, ...rest } = door.received.at(-1) as unknown as { body: { data: Uint8Array } };
    assert.equal(new TextDecoder().decode(raw.data), body);
    assert.deepEqual((rest as { msgSignature?: string }).msgSignature, "cd");
  }
});
