import { bufBreaking, bufLint } from "./buf.js";
import { cleanCompile } from "./clean-compile.js";
import { deadCode } from "./dead-code.js";
import { dependencies } from "./dependencies.js";
import { errorsDocumented } from "./errors-doc.js";
import { fileSize } from "./file-size.js";
import { formatLint } from "./format-lint.js";
import type { Gate } from "./gate.js";
import { generated } from "./generated.js";
import { importTable } from "./import-table/index.js";
import { lockfile } from "./lockfile.js";
import { noHosts } from "./no-hosts.js";
import { readme } from "./readme/index.js";
import { securityTable } from "./security-table.js";
import { trafficPolicyDocumented } from "./traffic-policy-doc.js";

/** Every gate, in the order they run: those that explain the failures of others come first. */
export const gates: readonly Gate[] = [
  importTable,
  formatLint,
  fileSize,
  dependencies,
  lockfile,
  noHosts,
  errorsDocumented,
  trafficPolicyDocumented,
  readme,
  securityTable,
  generated,
  bufLint,
  bufBreaking,
  deadCode,
  cleanCompile,
];
