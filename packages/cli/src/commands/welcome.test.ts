import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { welcome } from "./welcome.js";

const folder = {
  path: join(process.cwd(), ".sampan"),
  operatorKey: "k",
  isNew: true,
  kept: [],
  release() {},
};
const platform = {
  url: "http://127.0.0.1:8080",
  standinUrl: "http://127.0.0.1:8081",
  adminUrl: "http://127.0.0.1:9090",
  operatorKey: "k",
  folder,
};

test("the welcome names the addresses and commands that work as they are", () => {
  const text = welcome(platform, 412.3);
  assert.match(text, /ready after 412 ms, with a new installation in \.sampan\n/);
  for (const url of [platform.url, platform.standinUrl, platform.adminUrl]) assert.ok(text.includes(url));
  assert.match(text, /^ {2}npm run journey -- --url http:\S+:8080 --standin http:\S+:8081 --data \.sampan$/m);
  assert.match(text, /the key is in \.sampan\/operator-key/);
  assert.ok(!text.includes("\nNot deleted"));
});

test("it says how the services reach each other", () => {
  assert.match(welcome(platform, 1), /services {4}in this process\n/);
  assert.match(welcome({ ...platform, processes: { size: 8 } }, 1), /services {4}8 processes, over gRPC\n/);
  const identities = { names: { trustDomain: "shop.test", namespace: "shop" } };
  assert.match(
    welcome({ ...platform, processes: { size: 8 }, identities }, 1),
    /services {4}8 processes, over mTLS as spiffe:\/\/shop\.test\/ns\/shop\/sa\/<service>; the access policy is enforced\n/,
  );
});

test("it never shows the operator's key", () => {
  assert.ok(!welcome({ ...platform, operatorKey: "a-key-of-the-environment" }, 1).includes("a-key-of"));
  assert.match(
    welcome({ ...platform, operatorKey: "other" }, 1),
    /the one that the settings say.*--operator-key <key>/s,
  );
});

test("what is missing is said, and a path that a shell would take apart is quoted", () => {
  const text = welcome(
    {
      ...platform,
      standinUrl: "",
      adminUrl: "",
      folder: { ...folder, path: "/a b/it's", isNew: false, kept: ["notes.txt"] },
    },
    1,
  );
  assert.match(text, /what was there before in \/a b\/it's\n/);
  assert.match(text, /Not deleted, because Sampan did not make it: notes\.txt\n/);
  assert.match(text, /stand-in {4}\(none/);
  assert.match(text, /admin {7}\(off\)/);
  assert.match(text, /--data '\/a b\/it'\\''s'/);
});
