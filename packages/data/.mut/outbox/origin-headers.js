/** The headers in which a message carries the call that sent it. `traceparent` is that of W3C Trace Context. */
const tenant = "sampan-tenant";
const releaseTag = "sampan-release-tag";
const traceparent = "traceparent";
/** A message's headers with the origin of its call; the origin wins over headers of the same name. */
export function withOrigin(headers, origin) {
    return { ...headers, [tenant]: origin.tenant, [releaseTag]: origin.releaseTag, [traceparent]: origin.traceparent };
}
/** The origin that a message carries; undefined when it does not come from a Sampan service. */
export function originOf(headers) {
    const of = headers[tenant];
    if (of === undefined)
        return undefined;
    return { tenant: of, releaseTag: headers[releaseTag] ?? "", traceparent: headers[traceparent] ?? "" };
}
//# sourceMappingURL=origin-headers.js.map