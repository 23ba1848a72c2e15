import type { Call, Clock } from "@sampan/core";
import { type Answer, afterAnswer } from "./domain/subscription.js";
import type { NotificationStore } from "./records.js";
import type { TemplateRegistry } from "./template-registry.js";

/** A report that comes again later than this counts as a new one. */
const rememberReportMs = 30 * 86_400_000;

export interface SubscriptionsDeps {
  readonly store: NotificationStore;
  readonly registry: TemplateRegistry;
  readonly clock: Clock;
}

/** How many messages users have allowed, as far as anybody told. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  /** Of every event, with what is left. */
  async of(userId: string): Promise<{ event: string; templateId: string; remaining: number }[]> {
    const { store, registry } = this.#deps;
    const templates = (await registry.all()).map(({ event, text }) => ({ event, templateId: text.templateId }));
    const allowed = await store.allowed(userId, [...new Set(templates.map(({ templateId }) => templateId))]);
    return templates.map((each) => ({ ...each, remaining: allowed.get(each.templateId) ?? 0 }));
  }

  /** Whether a message can be sent by this template today. */
  async knows(templateId: string): Promise<boolean> {
    return (await this.#deps.registry.all()).some(({ text }) => text.templateId === templateId);
  }

  /** Counts a report once, however often it comes. Templates that are not ours count nothing. */
  async count(
    call: Call,
    userId: string,
    reportId: string,
    answers: readonly { readonly templateId: string; readonly answer: Answer }[],
  ): Promise<void> {
    const { store, registry, clock } = this.#deps;
    const known = new Set((await registry.all()).map(({ text }) => text.templateId));
    const ours = answers.filter(({ templateId }) => known.has(templateId));
    await store.change(call, async (change) => {
      const now = clock.now();
      if (!(await change.rememberReport(userId, reportId, now, now - rememberReportMs))) return;
      for (const { templateId, answer } of ours) {
        await change.setAllowed(userId, templateId, afterAnswer(await change.allowed(userId, templateId), answer));
      }
    });
  }
}
