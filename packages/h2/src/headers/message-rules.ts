import { FieldKind } from "./field-kind.js";
import type { HeaderList } from "./header-list.js";

/**
 * Whether a header section is well-formed for its place in a message (RFC 9113 section 8.3). Each rule returns the
 * reason why not, or the empty string. A malformed message is a stream error of type PROTOCOL_ERROR (section 8.1.1);
 * being strict here is what keeps a request from meaning something else to the next hop.
 */
export function requestFault(list: HeaderList): string {
  if (list.fault !== "") return list.fault;
  if (list.has(FieldKind.STATUS)) return ":status in a request";
  if (list.method === "") return "no :method";
  if (!isToken(list.method)) return ":method is not a token";
  if (list.method === "CONNECT") {
    // Section 8.5: only :method and :authority.
    if (list.has(FieldKind.SCHEME) || list.has(FieldKind.PATH)) return ":scheme or :path with CONNECT";
    return list.authority === "" ? "CONNECT without :authority" : "";
  }
  if (list.scheme === "") return "no :scheme";
  if (list.path === "") return "no :path";
  if (list.path.charCodeAt(0) !== 47 && !(list.path === "*" && list.method === "OPTIONS")) {
    return ":path does not start with a slash";
  }
  if (hasSpaceOrControl(list.path)) return ":path has forbidden characters";
  return authorityFault(list);
}

function authorityFault(list: HeaderList): string {
  const { authority, hostField } = list;
  if (hasSpaceOrControl(authority)) return ":authority has forbidden characters";
  if (authority.includes("@")) return ":authority with user information";
  if (hostField !== "" && authority !== "" && hostField.toLowerCase() !== authority.toLowerCase()) {
    return "host differs from :authority";
  }
  return "";
}

export function responseFault(list: HeaderList): string {
  if (list.fault !== "") return list.fault;
  if (list.status === 0) return "no :status";
  if (list.status === 101) return "101 does not exist in HTTP/2";
  return list.pseudoCount === 1 ? "" : "request pseudo-header field in a response";
}

/** Section 8.1: trailers carry no pseudo-header fields. */
export function trailersFault(list: HeaderList): string {
  if (list.fault !== "") return list.fault;
  return list.pseudoCount === 0 ? "" : "pseudo-header field in trailers";
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

function hasSpaceOrControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 32 || code === 127) return true;
  }
  return false;
}
