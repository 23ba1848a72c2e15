import type { Clock, Layer } from "@sampan/core";
import type { AdminPage } from "@sampan/telemetry";
import { type AccessSettings, accessPage, openAccess, type ProcessAccess } from "./access/index.js";
import { type AuditSettings, auditName, openAudit, type ProcessAudit } from "./audit/index.js";
import { type CertificatePlan, certificatesPage, ProcessCertificates } from "./certificates/index.js";
import type { ServiceSettings } from "./service-settings.js";
import type { Closer } from "./shut-down.js";
import type { StartSteps } from "./start-steps.js";
import type { Telemetry } from "./telemetry.js";

export interface ProcessSecurityOptions {
  /** By name. */
  readonly services: readonly string[];
  readonly settings: ServiceSettings;
  /** Undefined without mTLS. */
  readonly plan: CertificatePlan | undefined;
  /** Of a worker. */
  readonly place: number | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Who this process is, who may call it, and what is written down of that. Everything is opened by `start`. */
export class ProcessSecurity {
  /** Whose TLS options may be given to transports at once, and used after `start`. */
  readonly certificates: ProcessCertificates | undefined;
  readonly #options: ProcessSecurityOptions;
  #access: ProcessAccess | undefined;
  #audit: ProcessAudit | undefined;

  constructor(options: ProcessSecurityOptions) {
    this.#options = options;
    const { plan, services, clock, telemetry } = options;
    if (plan === undefined) return;
    const { meter, health } = telemetry;
    const logger = telemetry.logger.child({ component: "certificates" });
    const [name = "process"] = services;
    this.certificates = new ProcessCertificates({ plan, name, clock, logger, meter, health });
  }

  /** Of the admin port; before `start` there is nothing on them. */
  static pages(security: () => ProcessSecurity): AdminPage[] {
    return [certificatesPage(() => security().certificates), accessPage(() => security().#access)];
  }

  /** Waits for the first certificate, no longer than until `signal` aborts, and opens policy and trail. */
  async start(steps: StartSteps, signal: AbortSignal): Promise<void> {
    const { services, settings, place, clock, telemetry } = this.#options;
    const { certificates } = this;
    const { meter, logger } = telemetry;
    if (certificates !== undefined) await steps.step("certificates", () => certificates.start(signal));
    const access = settings.section("access") as AccessSettings;
    if (access.policy !== "") {
      const surroundings = certificates?.surroundings ?? { trustDomain: "", namespace: "" };
      const options = { settings: access, surroundings, clock, logger: logger.child({ component: "access" }), meter };
      this.#access = await steps.step("access policy", () => openAccess(options));
    }
    const audit = settings.section("audit") as AuditSettings;
    if (audit.folder !== "") {
      const name = auditName(services, settings.process.instance, place);
      const options = { settings: audit, name, clock, logger: logger.child({ component: "audit" }), meter };
      this.#audit = await steps.step("audit trail", () => openAudit(options));
    }
  }

  /** Around every method that is served: the trail outside, so that it has what the policy refuses. After `start`. */
  get layers(): readonly Layer[] {
    return [...(this.#audit?.layers ?? []), ...(this.#access === undefined ? [] : [this.#access.layer])];
  }

  /** Closed when no call is left. */
  closers(): readonly Closer[] {
    const { certificates } = this;
    const [access, audit] = [this.#access, this.#audit];
    return [
      ...(audit === undefined ? [] : [{ name: "audit trail", close: () => audit.close() }]),
      ...(access === undefined ? [] : [{ name: "access policy", close: () => access.close() }]),
      ...(certificates === undefined ? [] : [{ name: "certificates", close: () => certificates.close() }]),
    ];
  }
}
