import { create } from "@bufbuild/protobuf";
import { type Call, type Clock, CoreErrors, detail } from "@sampan/core";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { templateProblems } from "./domain/check-template.js";
import { NotificationErrors } from "./domain/errors.js";
import { templates as events, type Template } from "./domain/notice.js";
import type { TemplateText, TemplateVersion } from "./domain/template-text.js";
import type { NotificationStore } from "./records.js";

export interface TemplateRegistryDeps {
  readonly store: NotificationStore;
  readonly clock: Clock;
  /** The platform whose messages are sent here, such as `wechat`. */
  readonly provider: string;
  /** The platform's ids of the templates that hold until the owner sets others. */
  readonly templateIds: Readonly<Record<Template, string>>;
  /** The names that short messages can be sent under; none when they are off. */
  readonly smsSigns: readonly string[];
}

/** Which words tell which event. Versions are only added, so the delivery log says what a user was sent. */
export class TemplateRegistry {
  readonly #deps: TemplateRegistryDeps;

  constructor(deps: TemplateRegistryDeps) {
    this.#deps = deps;
  }

  get provider(): string {
    return this.#deps.provider;
  }

  /** One for each event: the newest that the owner has set, or what the settings say. */
  async all(): Promise<TemplateVersion[]> {
    const { store, provider } = this.#deps;
    const set = new Map((await store.newestTemplates(provider)).map((version) => [version.event, version]));
    return events.map((event) => set.get(event) ?? this.#default(event));
  }

  async of(event: Template): Promise<TemplateVersion> {
    const { store, provider } = this.#deps;
    return (await store.newestTemplate(provider, event)) ?? this.#default(event);
  }

  /** Rejects with `UNKNOWN_EVENT`, `INVALID_REQUEST` with every field that is wrong, or `TEMPLATE_CHANGED`. */
  async set(
    call: Call,
    wanted: Pick<TemplateVersion, "provider" | "event" | "text" | "changedBy"> & { readonly seenVersion: number },
  ): Promise<TemplateVersion> {
    const { store, clock, provider, smsSigns } = this.#deps;
    const { event, text, changedBy, seenVersion } = wanted;
    if (wanted.provider !== provider || !(events as readonly string[]).includes(event)) {
      const known = { known: events.join(", "), providers: provider };
      throw NotificationErrors.UNKNOWN_EVENT({ event, provider: wanted.provider, ...known });
    }
    requireUsable(provider, text, smsSigns);
    return store.change(call, async (change) => {
      const version = (await change.newestTemplate(provider, event))?.version ?? 0;
      if (version !== seenVersion) throw NotificationErrors.TEMPLATE_CHANGED({ version: String(version) });
      const next = { provider, event, version: version + 1, text, changedBy, changedAt: clock.now() };
      await change.addTemplate(next);
      return next;
    });
  }

  #default(event: Template): TemplateVersion {
    const { provider, templateIds } = this.#deps;
    const keywords = { character_string1: "{order_id}", amount2: "{amount}", phrase3: "{state}" };
    const text = { templateId: templateIds[event], keywords, page: "", urgent: false, timeZone: "", sms: undefined };
    return { provider, event, version: 0, text, changedBy: "", changedAt: 0 };
  }
}

function requireUsable(provider: string, text: TemplateText, smsSigns: readonly string[]): void {
  const problems = templateProblems(provider, text, smsSigns);
  if (problems.length === 0) return;
  const fieldViolations = problems.map(({ field, why }) => ({ field, reason: "UNUSABLE", description: why }));
  const badRequest = create(BadRequestSchema, { fieldViolations });
  throw CoreErrors.INVALID_REQUEST(
    { violations: problems.map(({ field, why }) => `${field} ${why}`).join("; ") },
    { details: [detail(BadRequestSchema, badRequest)] },
  );
}
