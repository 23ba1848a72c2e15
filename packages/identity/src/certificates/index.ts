/** Certificates: an authority, X.509-SVIDs, trust bundles, the SPIFFE Workload API, and the check of peers. */
export { type Authority, type AuthorityOptions, createAuthority, openAuthority } from "./authority/authority.js";
export { type AuthorityFolderOptions, authorityFolder } from "./authority/authority-folder.js";
export { type AuthorityState, defaultLives, type Lives } from "./authority/authority-state.js";
export { type AuthorityStore, memoryAuthorityStore } from "./authority/authority-store.js";
export type { IssueOptions } from "./authority/issue.js";
export { bundleJson, readBundleJson } from "./bundle/bundle-json.js";
export type { TrustBundle } from "./bundle/trust-bundle.js";
export { CertificateErrors } from "./certificate-errors.js";
export { type PemLabel, pem, readPem } from "./files/pem.js";
export { type Pkcs12Options, writePkcs12 } from "./files/pkcs12.js";
export { type AuthoritySourceOptions, authoritySource } from "./source/authority-source.js";
export { type TlsCertificates, type TlsPems, tlsCertificates } from "./source/tls-certificates.js";
export type { X509Context, X509Source, X509Svid } from "./source/x509-source.js";
export { parseSpiffeId, type SpiffeId, serviceId, spiffeIdText } from "./spiffe-id.js";
export {
  type NodeCertificate,
  type PeerVerifier,
  type PeerVerifierOptions,
  peerVerifier,
  type VerifiedPeer,
} from "./verify/peer-verifier.js";
export type { Refusal } from "./verify/verify-chain.js";
export { endpointVariable, workloadTarget } from "./workload/workload-endpoint.js";
export { type WorkloadServiceOptions, workloadService } from "./workload/workload-service.js";
export { type WorkloadSourceOptions, workloadSource } from "./workload/workload-source.js";
export type { Certificate } from "./x509/certificate.js";
export { readCertificate } from "./x509/read-certificate.js";
export { type RevocationList, readRevocationList } from "./x509/revocation-list.js";
