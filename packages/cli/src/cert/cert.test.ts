// needs: openssl
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readBundleJson } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { runCert } from "./cert.js";

/** A folder of its own, and commands on the authority in it. */
function desk(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-cert-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const run = async (...argv: string[]): Promise<string> => {
    const lines: string[] = [];
    assert.equal(await runCert([...argv, "--authority", at("authority")], (line) => lines.push(line)), 0);
    return lines.join("\n");
  };
  const openssl = (...args: string[]): string =>
    execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return { at, run, openssl };
}

test("init, issue, show: the files are what OpenSSL and TLS take, and the key is for the owner only", async (t) => {
  const { at, run, openssl } = desk(t);
  assert.match(await run("init", "--trust-domain", "shop.test"), /an authority for shop\.test/);
  const out = at("order");
  assert.match(
    await run("issue", "order", "--namespace", "shop", "--ttl", "30m", "--dns", "order.internal", "--out", out),
    /spiffe:\/\/shop\.test\/ns\/shop\/sa\/order until /,
  );
  assert.equal(statSync(join(out, "tls.key")).mode & 0o777, 0o600);
  const chain = ["-CAfile", join(out, "ca.crt"), "-untrusted", join(out, "tls.crt")];
  assert.match(openssl("verify", "-x509_strict", ...chain, join(out, "tls.crt")), /OK/);
  const shown = await run("show", join(out, "tls.crt"));
  assert.match(
    shown,
    /^spiffe:\/\/shop\.test\/ns\/shop\/sa\/order\n {4}serial {2}[0-9a-f]{32}\n {4}names {3}order\.internal\n {4}holds: /,
  );
  assert.match(shown, /spiffe:\/\/shop\.test {2}\(authority\)/);
  assert.match(
    await run("show"),
    /shop\.test: bundle 1, revocation list 1\n {2}root .* signs\n {2}intermediate .* signs/,
  );
  // An old file that was open to all does not stay so.
  chmodSync(join(out, "tls.key"), 0o644);
  await run("issue", "spiffe://shop.test/ns/shop/sa/order", "--out", out);
  assert.equal(statSync(join(out, "tls.key")).mode & 0o777, 0o600);
});

test("PKCS#12 opens with the password from the file", async (t) => {
  const { at, run, openssl } = desk(t);
  await run("init", "--trust-domain", "shop.test");
  writeFileSync(at("password"), "tea and rice\nsecond line\n");
  await run("issue", "order", "--out", at("order.p12"), "--password-file", at("password"));
  assert.equal(statSync(at("order.p12")).mode & 0o777, 0o600);
  assert.match(
    openssl("pkcs12", "-in", at("order.p12"), "-passin", "pass:tea and rice", "-nodes"),
    /BEGIN PRIVATE KEY/,
  );
  await assert.rejects(run("issue", "order", "--out", at("other.p12")), /--password-file/);
  assert.ok(!existsSync(at("other.p12")));
});

test("revoke, allow and rotate-root are there the next time", async (t) => {
  const { at, run } = desk(t);
  await run(
    "init",
    "--trust-domain",
    "shop.test",
    "--life",
    "5m",
    "--intermediate-life",
    "1h",
    "--root-life",
    "10h",
    "--overlap",
    "1h",
  );
  await run("issue", "order", "--out", at("order"));
  await run("revoke", "--file", join(at("order"), "tls.crt"));
  await run("revoke", "cart");
  await run("revoke", "--serial", "ab:cd");
  await assert.rejects(run("issue", "cart", "--out", at("cart")), /the id is revoked/);
  assert.match(
    await run("show"),
    /revocation list 4[\s\S]*revoked {6}[0-9a-f]{32} [\s\S]*revoked {6}abcd [\s\S]*sa\/cart .* and nothing new/,
  );
  await run("allow", "cart");
  await run("issue", "cart", "--out", at("cart"));
  await assert.rejects(run("allow", "cart"), /is not revoked/);
  assert.match(await run("rotate-root"), /signs from/);
  await assert.rejects(run("rotate-root"), /already/);
  assert.equal(readBundleJson(await run("bundle"), "shop.test").authorities.length, 2);
  await run("bundle", "--pem", "--out", at("ca.pem"));
  assert.equal(readFileSync(at("ca.pem"), "utf8").match(/BEGIN/g)?.length, 2);
});

test("what cannot be done is said with what to do", async (t) => {
  const { at, run } = desk(t);
  const fails = (what: RegExp, ...argv: string[]): Promise<void> =>
    assert.rejects(
      run(...argv),
      (error: Error) => error instanceof CommandError && what.test(`${error.message} ${error.fix}`),
    );
  await fails(/needs to know what/, "");
  await fails(/no sampan cert make/, "make");
  await fails(/there is no authority in .* sampan cert init/, "show");
  await fails(/--trust-domain/, "init");
  await fails(/no duration/, "init", "--trust-domain", "shop.test", "--life", "long");
  await assert.rejects(run("init", "--trust-domain", "Shop"), /no SPIFFE id/);
  await assert.rejects(run("init", "--trust-domain", "shop.test", "--life", "20h"), /svidMs/);
  await run("init", "--trust-domain", "shop.test");
  await fails(/already/, "init", "--trust-domain", "shop.test");
  await fails(/needs --out/, "issue", "order");
  await fails(/one service/, "issue", "--out", at("x"));
  await fails(/one of them/, "revoke", "order", "--serial", "ab");
  await fails(/cannot be read/, "show", at("nothing"));
  await fails(/Unknown option/, "show", "--colour");
  await assert.rejects(run("issue", "order", "--ttl", "13h", "--out", at("x")), /no life/);
  await assert.rejects(run("issue", "spiffe://other.test/a", "--out", at("x")), /speaks for shop\.test/);
});
