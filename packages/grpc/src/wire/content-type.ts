/** Types are compared without regard to case, and may have parameters (RFC 9110 section 8.3.1). */
const pattern = /^application\/grpc(?:\+proto)?[ \t]*(?:;|$)/i;

/**
 * Whether a content type says: gRPC with messages in protobuf. Messages in anything else (`application/grpc+json`) are
 * none, because nobody may decode one format as another.
 */
export function isGrpcOfProtobuf(contentType: string): boolean {
  // Hot: what nearly everybody sends.
  return contentType === "application/grpc" || pattern.test(contentType);
}
