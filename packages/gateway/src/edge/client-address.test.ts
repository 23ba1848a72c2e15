import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { clientAddress, maxHops, trustedProxies } from "./client-address.js";

const proxies = (...networks: string[]) => {
  const problems: string[] = [];
  const trusted = trustedProxies(networks, problems);
  assert.deepEqual(problems, []);
  return trusted;
};
const inner = proxies("10.0.0.0/8", "192.0.2.7", "fd00::/8", "fe80::/10");

describe("the client's address", () => {
  for (const [what, peer, header, expected] of [
    ["without a proxy is the connection's", "203.0.113.5", undefined, "203.0.113.5"],
    ["is not what a client says of itself", "203.0.113.5", "1.2.3.4", "203.0.113.5"],
    ["is not what a client pretends to be a proxy's", "203.0.113.5", "1.2.3.4, 10.0.0.1", "203.0.113.5"],
    ["behind a proxy is what the proxy says", "10.0.0.1", "203.0.113.5", "203.0.113.5"],
    ["behind a proxy is not what the client told the proxy", "10.0.0.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"],
    ["behind two proxies is what the outer one says", "10.0.0.1", "1.2.3.4, 203.0.113.5, 192.0.2.7", "203.0.113.5"],
    ["of a request that a proxy makes itself", "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
    ["without a header is the proxy's", "10.0.0.1", undefined, "10.0.0.1"],
    ["with an empty header is the proxy's", "10.0.0.1", "", "10.0.0.1"],
    ["ends at what is no address", "10.0.0.1", "203.0.113.5, unknown, 10.0.0.9", "10.0.0.9"],
    ["ends at an empty entry", "10.0.0.1", "203.0.113.5,, 10.0.0.9", "10.0.0.9"],
    ["ends at a name", "10.0.0.1", "localhost", "10.0.0.1"],
    ["ends at an address of a zone", "10.0.0.1", "fe80::1%eth0", "10.0.0.1"],
    ["may have a port", "10.0.0.1", "203.0.113.5:4711", "203.0.113.5"],
    ["may be IPv6, with a port", "fd00::1", "[2001:DB8::7]:4711", "2001:db8::7"],
    ["may be IPv6, without one", "fd00::1", "2001:db8::7", "2001:db8::7"],
    ["comes in through an IPv6 socket", "::ffff:203.0.113.5", undefined, "203.0.113.5"],
    ["is trusted through an IPv6 socket too", "::ffff:10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"],
    ["of a trusted proxy on the link", "fe80::1%eth0", "203.0.113.5", "203.0.113.5"],
    ["of a unix socket is unknown, and nobody is believed there", undefined, "1.2.3.4", ""],
  ] as const) {
    test(what, () => assert.equal(clientAddress(peer, header, inner), expected));
  }

  test("is looked for over so many proxies, and no more", () => {
    const chain = (count: number) =>
      ["203.0.113.5", ...Array.from({ length: count }, (_, i) => `10.0.1.${i}`)].join(", ");
    assert.equal(clientAddress("10.0.0.1", chain(maxHops - 1), inner), "203.0.113.5");
    assert.equal(clientAddress("10.0.0.1", chain(maxHops), inner), "10.0.1.0");
  });

  test("is found at the right end of a header however long the rest is", () => {
    const junk = "1.2.3.4, ".repeat(2000);
    assert.equal(clientAddress("10.0.0.1", `${junk}203.0.113.5`, inner), "203.0.113.5");
    assert.equal(clientAddress("10.0.0.1", `${"x".repeat(16_000)}, 203.0.113.5`, inner), "203.0.113.5");
    assert.equal(clientAddress("10.0.0.1", "9".repeat(16_000), inner), "10.0.0.1");
  });

  test("is never changed by anything to the left of what the nearest proxy wrote", () => {
    const part = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom("unknown", "10.0.0.1", "", " ", "%", "[", "::"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (forged) => {
        const header = [...forged, "203.0.113.5"].join(", ");
        assert.equal(clientAddress("10.0.0.1", header, inner), "203.0.113.5");
      }),
    );
  });
});

test("networks that are none, or are everybody, are refused", () => {
  for (const text of [
    "10.0.0.0/33",
    "10.0.0.0/0",
    "::/0",
    "10.0.0",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "proxy",
    "",
    "fd00::/129",
  ]) {
    const problems: string[] = [];
    trustedProxies([text], problems);
    assert.equal(problems.length, 1, text);
  }
});
