/** Keys whose values never appear in a log line, whatever their case and separators: `apiKey`, `api_key`, `API-Key`. */
export interface Redaction {
  hides(key: string): boolean;
}

/** What stands in the place of a hidden value. */
export const hidden = "***";

const always = [
  "password",
  "passwd",
  "secret",
  "appSecret",
  "clientSecret",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "authorization",
  "proxyAuthorization",
  "cookie",
  "setCookie",
  "apiKey",
  "privateKey",
  "sessionKey",
  "sessionSecret",
  "signingKey",
  "credential",
  "credentials",
  // Of people, and of no use in a log.
  "phone",
  "phoneNumber",
  "purePhoneNumber",
];

/** Keys come from code, so there are few; a map that holds caller's keys must not grow what is remembered. */
const maxRemembered = 1000;

export function redactionOf(keys: Iterable<string> = []): Redaction {
  const folded = new Set([...always, ...keys].map(fold));
  const remembered = new Map<string, boolean>();
  return {
    hides(key) {
      let hides = remembered.get(key);
      if (hides === undefined) {
        hides = folded.has(fold(key));
        if (remembered.size < maxRemembered) remembered.set(key, hides);
      }
      return hides;
    },
  };
}

function fold(key: string): string {
  return key.toLowerCase().replace(/[-_\s]/g, "");
}
