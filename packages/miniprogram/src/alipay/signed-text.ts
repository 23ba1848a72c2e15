/** Parameters by name, as they are sent or came. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * What requests and notifications are signed over: `name=value` of all parameters that are not empty, sorted by name
 * and joined by `&`, values not URL-encoded. Requests leave out `sign`, notifications `sign` and `sign_type`.
 * Source: "self-made signing" (common/02kf5q) and "asynchronous notification" pages of opendocs.alipay.com.
 */
export function signedText(parameters: Parameters, without: readonly string[]): string {
  return Object.keys(parameters)
    .filter((name) => !without.includes(name) && parameters[name] !== "")
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join("&");
}
