import { SettingsError, type SettingsProblem } from "@sampan/config";
import { endpointVariable, parseSpiffeId, workloadTarget } from "@sampan/identity/certificates";
import type { AccessSettings } from "../access/access-settings.js";
import { reasonOf } from "../errors.js";
import type { ServiceSettings } from "../service-settings.js";
import type { CertificateSettings } from "./certificate-settings.js";

/** How a process gets certificates. */
export interface CertificatePlan {
  /** The Workload API, in the notation of the transport. */
  readonly target: string;
  readonly settings: CertificateSettings;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the section `certificates` asks for; undefined for no mTLS. Opens nothing. Throws one `SettingsError` with
 * everything that is wrong, also mTLS without a policy of who may call whom: without one nobody may.
 */
export function certificatePlan(
  settings: Pick<ServiceSettings, "section">,
  env: Environment = process.env,
): CertificatePlan | undefined {
  const certificates = settings.section("certificates") as CertificateSettings;
  const access = settings.section("access") as AccessSettings;
  if (certificates.mode !== "workload") return undefined;
  const problems: SettingsProblem[] = [];
  const check = (setting: string, fix: string, problemOf: () => string | undefined): void => {
    const problem = problemOf();
    if (problem !== undefined) problems.push({ setting, source: "settings", problem, fix });
  };
  const endpoint = certificates.endpoint || (env[endpointVariable] ?? "");
  let target = "";
  check(
    "certificates.endpoint",
    `set it, or ${endpointVariable}, to the socket of a Workload API, such as unix:/run/spire/agent.sock`,
    () =>
      endpoint === ""
        ? "is empty, and certificates.mode is workload"
        : thrownBy(() => {
            target = workloadTarget(endpoint);
          }),
  );
  for (const entry of certificates.servers) {
    const name = entry.slice(entry.indexOf("=") + 1);
    check("certificates.servers", "write order.v1.OrderService=order, or a SPIFFE id behind the =", () =>
      name.startsWith("spiffe://") ? thrownBy(() => parseSpiffeId(name)) : undefined,
    );
  }
  check(
    "access.policy",
    "name a policy file; with access.mode shadow it refuses nothing, and tells what it would refuse",
    () =>
      access.policy === "" ? "is empty, and with mTLS no service may call another that no rule allows" : undefined,
  );
  if (problems.length > 0) throw new SettingsError(problems);
  return { target, settings: certificates };
}

function thrownBy(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return `is not right: ${reasonOf(error)}`;
  }
}
