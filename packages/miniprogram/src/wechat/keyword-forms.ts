interface Form {
  readonly pattern: RegExp;
  /** What it asks for, as the end of "… must be". */
  readonly rule: string;
}

/**
 * What the values of a template's keywords may look like, by the keyword's kind (its name without digits). Source: the
 * parameter limits in "subscribe message" on developers.weixin.qq.com; kinds that are not listed take up to 20 characters.
 */
const forms: Readonly<Record<string, Form>> = {
  thing: { pattern: /^.{1,20}$/su, rule: "1 to 20 characters" },
  number: { pattern: /^-?[0-9]{1,32}(\.[0-9]+)?$/, rule: "a number of at most 32 digits, with or without decimals" },
  letter: { pattern: /^[A-Za-z]{1,32}$/, rule: "1 to 32 letters" },
  symbol: { pattern: /^[^A-Za-z0-9\s]{1,5}$/u, rule: "1 to 5 symbols" },
  character_string: { pattern: /^[\x21-\x7e]{1,32}$/, rule: "1 to 32 digits, letters or symbols, without spaces" },
  time: {
    pattern:
      /^([0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日? ?)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$|^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$/,
    rule: "a time such as 15:01, with or without a date before it",
  },
  date: {
    pattern: /^[0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日?( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?$/,
    rule: "a date such as 2019-10-01, with or without a time after it",
  },
  amount: {
    pattern: /^[^0-9\s.-]?[0-9]{1,10}(\.[0-9]+)?元?$/u,
    rule: "at most one currency sign, 1 to 10 digits, with or without decimals",
  },
  phone_number: { pattern: /^[0-9+\- ()]{1,17}$/, rule: "a phone number of 1 to 17 characters" },
  name: {
    pattern: /^([^\x20-\x7e]{1,10}|[A-Za-z .]{1,20})$/u,
    rule: "1 to 10 Chinese characters, or 1 to 20 letters",
  },
  phrase: { pattern: /^[^\x21-\x7e\s]{1,5}$/u, rule: "1 to 5 Chinese characters" },
};
const otherForm: Form = { pattern: /^.{1,20}$/su, rule: "1 to 20 characters" };

/** What is wrong with a value, as "must be …"; undefined when it fits its keyword. */
export function keywordProblem(keyword: string, value: string): string | undefined {
  const form = forms[keyword.replace(/[0-9]+$/, "")] ?? otherForm;
  return form.pattern.test(value) ? undefined : `must be ${form.rule}`;
}
