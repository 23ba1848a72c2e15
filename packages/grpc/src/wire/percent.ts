/**
 * Percent-encoding of UTF-8. `grpc-message` leaves printable ASCII but `%` as it is (gRPC over HTTP/2, "Percent-Encoded");
 * the `x-sampan-*` values also encode what separates their parts.
 */
const plainMessage = /^[\x20-\x24\x26-\x7e]*$/;
const plainToken = /^[0-9A-Za-z_.~-]*$/;
const hex = "0123456789ABCDEF";

export function encodeMessage(text: string): string {
  return plainMessage.test(text) ? text : encode(text, plainMessage);
}

/** For parts of a value: only unreserved characters stay as they are (RFC 3986 section 2.3). */
export function encodeToken(text: string): string {
  return plainToken.test(text) ? text : encode(text, plainToken);
}

function encode(text: string, plain: RegExp): string {
  let encoded = "";
  // Buffer turns lone surrogates into U+FFFD, where encodeURIComponent would throw.
  for (const octet of Buffer.from(text, "utf8")) {
    const char = String.fromCharCode(octet);
    encoded += octet < 0x80 && plain.test(char) ? char : `%${hex[octet >> 4]}${hex[octet & 15]}`;
  }
  return encoded;
}

/** Never throws: what is not a valid escape stays as it is, as gRPC asks, so that no error message is lost. */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  const octets = Buffer.allocUnsafe(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const octet = code === 0x25 ? escaped(text, i) : -1;
    if (octet >= 0) {
      octets[length++] = octet;
      i += 2;
    } else {
      length += octets.write(text.charAt(i), length, "utf8");
    }
  }
  return octets.toString("utf8", 0, length);
}

function escaped(text: string, at: number): number {
  const digits = text.slice(at + 1, at + 3);
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}
