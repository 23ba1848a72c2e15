import assert from "node:assert/strict";
import { test } from "node:test";
import { addressGroup } from "./address-group.js";

test("an IPv4 address is counted by itself, an IPv6 one with its network", () => {
  for (const [address, group] of [
    ["203.0.113.5", "203.0.113.5"],
    ["", ""],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:1::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["2001:db8:1:3::9", "2001:db8:1:3::/64"],
    ["somewhere", "somewhere"],
  ] as const)
    assert.equal(addressGroup(address), group, address);
});
