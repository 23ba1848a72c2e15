import { Code, defineErrors } from "@sampan/core";

export const NotificationErrors = defineErrors("notification", {
  TEMPLATE_CHANGED: {
    code: Code.Aborted,
    message: "the template has version {version} by now",
    fix: "read it again, and set it with the version that you have seen",
  },
  UNKNOWN_EVENT: {
    code: Code.NotFound,
    message: "there is no event {event} on {provider}: there are {known} on {providers}",
    fix: "use an event and a platform that the message names",
  },
  UNKNOWN_TEMPLATE: {
    code: Code.NotFound,
    message: "there is no template {template} to subscribe to",
    fix: "list what can be subscribed to; the owner may have changed the template",
  },
  PUSH_NOT_TAKEN: {
    code: Code.Unimplemented,
    message: "nothing that {provider} pushes is taken here",
    fix: "set platform.pushToken, and platform.pushAesKey, to what the platform's console shows",
  },
  UNKNOWN_NOTIFICATION: {
    code: Code.NotFound,
    message: "there is no notification {notification}",
    fix: "list the notifications for their ids",
  },
});
