import { create } from "@bufbuild/protobuf";
import {
  SubscriptionAnswer_Decision as Decision,
  NotificationService,
} from "@sampan/contracts/notification/v1/notification_pb.js";
import { type Call, CoreErrors, detail, implement, type Service } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { NotificationErrors } from "./domain/errors.js";
import type { Answer } from "./domain/subscription.js";
import { attemptMessage, noticeMessage, templateMessage, textOf } from "./messages.js";
import type { PlatformPush } from "./platform-push.js";
import type { NotificationStore } from "./records.js";
import type { Subscriptions } from "./subscriptions.js";
import type { TemplateRegistry } from "./template-registry.js";

export interface NotificationDeps {
  readonly store: NotificationStore;
  readonly registry: TemplateRegistry;
  readonly subscriptions: Subscriptions;
  readonly push: PlatformPush;
  /** The platform tells what users subscribe to. */
  readonly platformTells: boolean;
}

const answers: Readonly<Record<number, Answer>> = {
  [Decision.ACCEPT]: "accept",
  [Decision.REJECT]: "reject",
  [Decision.BAN]: "ban",
};

export function notificationService(deps: NotificationDeps): Service {
  const { store, registry, subscriptions, push, platformTells } = deps;
  const list = async (userId: string | undefined, pageSize: number, pageToken: string) => {
    const size = pageSize === 0 ? 50 : pageSize;
    const page = pageOf(await store.list(userId, size + 1, afterToken(pageToken)), size, (notice) => notice.noticeId);
    return { notifications: page.items.map(noticeMessage), nextPageToken: page.nextPageToken };
  };
  return implement(NotificationService, {
    listNotifications: ({ pageSize, pageToken }, call) => list(call.requireUser().subject, pageSize, pageToken),
    listAllNotifications: ({ pageSize, pageToken }) => list(undefined, pageSize, pageToken),

    async listSubscriptions(_, call) {
      return { subscriptions: await subscriptions.of(call.requireUser().subject) };
    },

    async reportSubscriptions({ reportId, answers: given }, call) {
      const userId = call.requireUser().subject;
      const read: { templateId: string; answer: Answer }[] = [];
      for (const [index, { templateId, decision }] of given.entries()) {
        if (!(await subscriptions.knows(templateId)))
          throw NotificationErrors.UNKNOWN_TEMPLATE({ template: templateId });
        read.push({ templateId, answer: answers[decision] ?? unknownDecision(index) });
      }
      // Where the platform tells by itself, its word counts, and the same consent must not count twice.
      if (!platformTells) await subscriptions.count(call, userId, reportId, read);
      return { subscriptions: await subscriptions.of(userId) };
    },

    verifyPush: (request) => push.verify(request),
    receivePush: (request, call) => push.receive(request, call),

    async listDeliveryAttempts({ notificationId }) {
      if ((await store.find(notificationId)) === undefined)
        throw NotificationErrors.UNKNOWN_NOTIFICATION({ notification: notificationId });
      return { attempts: (await store.attempts(notificationId)).map(attemptMessage) };
    },

    async listTemplates() {
      return { templates: (await registry.all()).map(templateMessage) };
    },

    async setTemplate({ provider, event, seenVersion, text }, call) {
      const wanted = { provider, event, seenVersion, text: textOf(text), changedBy: changedBy(call) };
      return { template: templateMessage(await registry.set(call, wanted)) };
    },
  });
}

function changedBy(call: Call): string {
  return call.requireUser().subject;
}

/** An enum of a contract is open: a number that it does not name arrives as it is. */
function unknownDecision(index: number): never {
  const violation = { field: `answers[${index}].decision`, reason: "UNKNOWN", description: "is not a decision" };
  const badRequest = create(BadRequestSchema, { fieldViolations: [violation] });
  throw CoreErrors.INVALID_REQUEST(
    { violations: `${violation.field} ${violation.description}` },
    { details: [detail(BadRequestSchema, badRequest)] },
  );
}
