/** The request id that the vendor's support asks for, as it ends most of their messages. */
const requestId = /^[0-9a-f]{8}(-[0-9a-f]{8}){0,2}$/;

/**
 * Takes out of a vendor's text what looks like a key, token, code, user id or phone number, known to us or not: long
 * runs of the base64 alphabets, and runs with many digits. Words and the vendor's request id stay.
 */
export function withoutLikelySecrets(text: string): string {
  return text.replace(/[A-Za-z0-9+/=_-]{7,}/g, (run, at: number) => {
    if (requestId.test(run) && text.slice(0, at).endsWith("rid: ")) return run;
    const digits = run.replace(/[^0-9]/g, "").length;
    return run.length >= 24 || digits >= 7 || (run.length >= 16 && digits > 0) ? "[hidden]" : run;
  });
}
