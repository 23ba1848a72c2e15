/**
 * What the value of a keyword may look like. Every vendor has rules of its own; of those that are not here only the length is
 * known. WeChat names a keyword by its kind and a number. Source: the parameter limits in "subscribe message" on
 * developers.weixin.qq.com.
 */
const wechatKinds: Readonly<Record<string, RegExp>> = {
  thing: /^.{1,20}$/su,
  number: /^-?[0-9]{1,32}(\.[0-9]+)?$/,
  letter: /^[A-Za-z]{1,32}$/,
  symbol: /^[^A-Za-z0-9\s]{1,5}$/u,
  character_string: /^[\x21-\x7e]{1,32}$/,
  time: /^([0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日? ?)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$/,
  date: /^[0-9]{4}(年|-|\/)[0-9]{1,2}(月|-|\/)[0-9]{1,2}日?( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?$/,
  amount: /^[^0-9\s.-]?[0-9]{1,10}(\.[0-9]+)?元?$/u,
  phone_number: /^[0-9+\- ()]{1,17}$/,
  car_number: /^.{1,8}$/su,
  name: /^([^\x20-\x7e]{1,10}|[A-Za-z .]{1,20})$/u,
  phrase: /^[^\x21-\x7e\s]{1,5}$/u,
};

/** Why a template's owner cannot have a keyword, or what it would be filled with; undefined when they can. */
export function unfitKeyword(provider: string, keyword: string, sample: string): string | undefined {
  if (provider !== "wechat") {
    // Letters of any script: `keyword1` at Alipay, `物品名称` at Douyin.
    if (!/^\p{L}[\p{L}\p{N}_]{0,31}$/u.test(keyword)) return "is no name of a keyword";
    return sample.length >= 1 && sample.length <= 64
      ? undefined
      : "is filled with nothing, or with more than 64 characters";
  }
  const [, kind = ""] = /^([a-z_]+)[0-9]{1,2}$/.exec(keyword) ?? [];
  const fits = Object.hasOwn(wechatKinds, kind) ? wechatKinds[kind] : undefined;
  if (fits === undefined) return `must be one of ${Object.keys(wechatKinds).join(", ")} and a number`;
  return fits.test(sample) ? undefined : `of the kind ${kind} cannot be filled with "${sample}"`;
}
