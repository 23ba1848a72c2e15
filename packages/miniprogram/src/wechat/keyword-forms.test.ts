import assert from "node:assert/strict";
import { test } from "node:test";
import { keywordProblem } from "./keyword-forms.js";

const fits: [string, string][] = [
  ["thing1", "茶".repeat(20)],
  ["amount2", "¥12.00"],
  ["amount2", "12.00元"],
  ["number3", "-1.5"],
  ["character_string4", "01jd8w-x_1"],
  ["time5", "15:01"],
  ["time5", "2019年10月1日 15:01"],
  ["date6", "2019-10-01 15:01:02"],
  ["phrase7", "已发货"],
  ["name8", "张三"],
  ["phone_number9", "+86-0766-66888866"],
  ["enum1", "anything"],
];
const unfit: [string, string][] = [
  ["thing1", "x".repeat(21)],
  ["amount2", "12.00 CNY"],
  ["amount2", "12345678901"],
  ["number3", "1e5"],
  ["character_string4", "茶"],
  ["time5", "noon"],
  ["date6", "soon"],
  ["phrase7", "六个字太长了啊"],
  ["name8", "a very long name that does not fit"],
  ["enum1", "x".repeat(21)],
];

test("values keep to the form of their keyword", () => {
  for (const [keyword, value] of fits) assert.equal(keywordProblem(keyword, value), undefined, `${keyword}: ${value}`);
  for (const [keyword, value] of unfit) assert.match(keywordProblem(keyword, value) ?? "", /^must be /, keyword);
});
