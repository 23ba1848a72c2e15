import { join } from "node:path";
import type { ClientTls } from "@sampan/grpc";
import { authoritySource, peerVerifier, serviceId, tlsCertificates } from "@sampan/identity/certificates";
import { withAuthority } from "../cert/authority-option.js";
import { CommandError } from "../command/command-error.js";
import { readAddresses } from "../platform/addresses-file.js";
import type { CallCommand } from "./call-options.js";

/** Whom clients reach: what it may call is what is open to them. */
const usual = "gateway";

/**
 * For the platform that runs on the data folder, when its processes take calls over mTLS only: a certificate of one of its
 * services, from the authority in that folder, whose reader can be every service anyway. Undefined for all others. Throws
 * `CommandError`.
 */
export async function ownCertificate({ target, folder, as }: CallCommand): Promise<ClientTls | undefined> {
  const mtls = target === undefined ? readAddresses(folder).mtls : undefined;
  if (mtls === undefined) {
    if (as === undefined) return undefined;
    throw new CommandError("--as is for a platform with mTLS", "start it with --mtls, or leave --as out", 2);
  }
  const { trustDomain, namespace } = mtls;
  return withAuthority(join(folder, "authority"), (authority) => {
    const source = authoritySource({ authority, id: serviceId(trustDomain, namespace, as ?? usual) });
    // One command needs one certificate.
    source.close();
    const accept = (id: string): boolean => id.startsWith(`spiffe://${trustDomain}/ns/${namespace}/`);
    const verifier = peerVerifier({ source, accept });
    return {
      certificates: tlsCertificates(source).current(),
      checkServer: (_, certificate) => verifier.check(certificate),
    };
  });
}
