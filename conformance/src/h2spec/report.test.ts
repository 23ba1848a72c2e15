import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReport } from "./report.js";

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="6.7. PING" package="http2/6.7" id="6.7" tests="3" skipped="1" failures="1" errors="0">
    <testcase package="http2/6.7" classname="Sends a PING frame" time="0.0005"></testcase>
    <testcase package="http2/6.7" classname="Sends &#34;two&#34;" time="0.1"><failure><![CDATA[]]>Expected: a &lt;GOAWAY&gt;</failure></testcase>
    <testcase package="http2/6.7" classname="Later" time="0"><skipped></skipped></testcase>
  </testsuite>
</testsuites>`;

test("a report's cases with what became of them", () => {
  assert.deepEqual(
    parseReport(report).map(({ name, result }) => [name, result]),
    [
      ["http2/6.7 Sends a PING frame", "passed"],
      ['http2/6.7 Sends "two"', "failed"],
      ["http2/6.7 Later", "skipped"],
    ],
  );
  assert.match(parseReport(report)[1]?.why ?? "", /Expected: a <GOAWAY>/);
  assert.deepEqual(parseReport(""), []);
});
