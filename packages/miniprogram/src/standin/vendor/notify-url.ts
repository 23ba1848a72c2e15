/** The real platforms take https (Alipay also http); loopback http is for development, where nobody else can listen. */
export function isNotifyUrl(text: string | undefined, longest = 256): boolean {
  if (text === undefined || text.length > longest || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.hash !== "" || url.username !== "") return false;
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && /^(localhost|127(\.[0-9]+){3}|\[::1\])$/.test(url.hostname);
}
