export { type CertificatePlan, certificatePlan } from "./certificate-plan.js";
export { certificatesPage } from "./certificates-page.js";
export { ProcessCertificates } from "./process-certificates.js";
