import type { MessageLanguage, SubscribeMessage } from "../provider.js";
import { keywordProblem } from "./keyword-forms.js";

const languages: readonly MessageLanguage[] = ["zh_CN", "en_US", "zh_HK", "zh_TW"];

/**
 * What the vendor would refuse a message for, found before it is sent: the first field that does not fit, and why. `keywords` are the
 * template's, when the configuration lists them; without them only the form of what is given can be checked.
 * Values are in no answer: they are the user's.
 */
export function messageProblem(message: SubscribeMessage, keywords: readonly string[] | undefined): string | undefined {
  if (message.openid === "") return "openid is empty";
  if (message.templateId === "") return "templateId is empty";
  if (message.language !== undefined && !languages.includes(message.language)) {
    return `language is none of ${languages.join(", ")}`;
  }
  const page = pageProblem(message.page);
  if (page !== undefined) return `page ${page}`;
  const given = Object.keys(message.data);
  if (given.length === 0) return "data is empty";
  for (const keyword of keywords ?? []) if (!Object.hasOwn(message.data, keyword)) return `${keyword} is missing`;
  for (const keyword of given) {
    if (!/^[a-z_]+[0-9]*$/.test(keyword) || keywords?.includes(keyword) === false) {
      return `data has a keyword that the template has not: ${keyword.slice(0, 40)}`;
    }
    const problem = keywordProblem(keyword, message.data[keyword] ?? "");
    if (problem !== undefined) return `${keyword} ${problem}`;
  }
  return undefined;
}

/** A page of this mini program, with a query at most: no address, nothing that climbs out. */
export function pageProblem(page: string | undefined): string | undefined {
  if (page === undefined) return undefined;
  if (page.length > 1024) return "is longer than 1024 characters";
  return /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*(\?\S*)?$/.test(page) ? undefined : "is no path such as pages/order?id=1";
}
