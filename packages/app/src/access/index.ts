export { accessPage } from "./access-page.js";
export type { AccessSettings } from "./access-settings.js";
export { openAccess, type ProcessAccess } from "./process-access.js";
