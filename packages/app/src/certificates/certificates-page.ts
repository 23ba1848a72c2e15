import { type AdminPage, jsonAnswer } from "@sampan/telemetry";
import type { ProcessCertificates } from "./process-certificates.js";

/** `/certificates` of the admin port, as JSON. */
export function certificatesPage(certificates: () => ProcessCertificates | undefined): AdminPage {
  return {
    path: "/certificates",
    doc: "the certificate of this process, when it ends, and why no newer one has come",
    answer: () => jsonAnswer(certificates()?.state() ?? { mode: "none" }),
  };
}
