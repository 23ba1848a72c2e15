/** Percent-decodes UTF-8; undefined when the encoding is broken. */
export function decodePercent(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** For a variable of several segments, where an encoded slash is data and not a separator: `%2F` stays as it is. */
export function decodePercentExceptSlash(text: string): string | undefined {
  if (!text.includes("%")) return text;
  // "%2F" becomes "%252F", which decodes to "%2F" again.
  return decodePercent(text.replace(/%(?=2[fF])/g, "%25"));
}

/** As HTML forms encode: plus is a space. */
export function decodeForm(text: string): string | undefined {
  return decodePercent(text.includes("+") ? text.replaceAll("+", " ") : text);
}
