import { unfitKeyword } from "./keyword.js";
import type { Facts } from "./notice.js";
import { isTimeZone } from "./quiet-hours.js";
import { fill, namesIn, type TemplateText } from "./template-text.js";

export interface Problem {
  /** As in JSON: `text.keywords.thing1`. */
  readonly field: string;
  readonly why: string;
}

/** What the longest of our values look like: a text that fits with these fits with all. */
const sampleFacts: Facts = {
  order_id: "01jd0000000000000000000000",
  amount: "¥99999999.99",
  state: "已付款",
  time: "2026-12-31 23:59",
};

/** Everything that is wrong with a text before it is used; `smsSigns` are the names that short messages can be sent under. */
export function templateProblems(provider: string, text: TemplateText, smsSigns: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const check = (
    field: string,
    fillings: TemplateText["keywords"],
    unfit: (name: string, sample: string) => string | undefined,
  ) => {
    const samples = fill(fillings, sampleFacts);
    for (const [name, written] of Object.entries(fillings)) {
      const unknown = namesIn(written).find((each) => !Object.hasOwn(sampleFacts, each));
      const why =
        unknown === undefined
          ? unfit(name, samples[name] ?? "")
          : `uses {${unknown}}: there are ${Object.keys(sampleFacts).join(", ")}`;
      if (why !== undefined) problems.push({ field: `${field}.${name}`, why });
    }
  };
  check("text.keywords", text.keywords, (name, sample) => unfitKeyword(provider, name, sample));
  if (text.timeZone !== "" && !isTimeZone(text.timeZone))
    problems.push({ field: "text.timeZone", why: "is not the name of a time zone, such as Asia/Shanghai" });
  if (/[\p{Cc}\s]/u.test(text.page)) problems.push({ field: "text.page", why: "has spaces or control characters" });
  if (text.sms !== undefined) {
    check("text.sms.parameters", text.sms.parameters, unfitParameter);
    if (smsSigns.length === 0) problems.push({ field: "text.sms", why: "cannot be sent: notification.sms is off" });
    else if (!smsSigns.includes(text.sms.signName))
      problems.push({ field: "text.sms.signName", why: `is not one of ${smsSigns.join(", ")}` });
  }
  return problems;
}

function unfitParameter(name: string, sample: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,19}$/.test(name)) return "is no name of a parameter";
  return sample.length >= 1 && sample.length <= 35
    ? undefined
    : "is filled with nothing, or with more than 35 characters";
}
