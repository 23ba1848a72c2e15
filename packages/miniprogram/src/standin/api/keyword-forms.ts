/**
 * What the values of a template's keywords may look like, by the keyword's kind (its name without digits). Source: the
 * parameter limits in "subscribe message" on developers.weixin.qq.com; kinds that are not listed take up to 20 characters.
 */
const forms: Readonly<Record<string, RegExp>> = {
  thing: /^.{1,20}$/su,
  number: /^-?[0-9]{1,32}(\.[0-9]+)?$/,
  letter: /^[A-Za-z]{1,32}$/,
  symbol: /^[^A-Za-z0-9\s]{1,5}$/u,
  character_string: /^[\x21-\x7e]{1,32}$/,
  time: /^([0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日? ?)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$|^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$/,
  date: /^[0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日?( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?$/,
  amount: /^[^0-9\s.-]?[0-9]{1,10}(\.[0-9]+)?元?$/u,
  phone_number: /^[0-9+\- ()]{1,17}$/,
  name: /^([^\x20-\x7e]{1,10}|[A-Za-z .]{1,20})$/u,
  phrase: /^[^\x21-\x7e\s]{1,5}$/u,
};
const otherForm = /^.{1,20}$/su;

export function fitsKeyword(keyword: string, value: string): boolean {
  return (forms[keyword.replace(/[0-9]+$/, "")] ?? otherForm).test(value);
}
