/** gRPC server and channel for all four call kinds, on the h2 engine. See README.md. */
export { GrpcErrors } from "./errors.js";
export type { GrpcOptions, ReconnectOptions, Trust } from "./options.js";
export { createHealth, type Health, type HealthState } from "./services/health.js";
export {
  type CertificateFiles,
  type CertificatePems,
  type CertificateSource,
  type ClientTls,
  certificateFiles,
  type ServerTls,
} from "./tls/credentials.js";
export { grpcTransport } from "./transport.js";
export type { Encoding } from "./wire/gzip.js";
