export { GovernSettings } from "./govern-settings.js";
export { type Governance, openGovernance } from "./governance.js";
export { rulesPage } from "./rules-page.js";
export { sharedPorts } from "./shared-ports.js";
