import { type AccessExplanation, explainAccess } from "@sampan/identity/access";
import { parseSpiffeId, serviceId } from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { platformMethods } from "../platform/contracts.js";
import { defaultNamespace, defaultTrustDomain } from "../platform/trust-domain.js";
import { platformAccess } from "./platform-access.js";
import { readPolicyFile } from "./read-file.js";

const text = { type: "string" } as const;

/** `sampan access explain --from <caller> --to <method>`. The exit status is 0 when the call is allowed, 1 otherwise. */
export async function explainAccessOf(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("access", argv, {
    from: text,
    to: text,
    policy: text,
    "trust-domain": text,
    namespace: text,
  });
  const { from, to, policy: file } = values;
  if (from === undefined || to === undefined || positionals.length > 0)
    throw new CommandError(
      "sampan access explain needs a caller and a method",
      "such as --from order --to inventory.v1.InventoryService/Reserve",
      2,
    );
  if (!/^\/?[\w.]+\/\w+$/.test(to)) throw new CommandError(`--to ${to} is no method`, "write service/method", 2);
  const trustDomain = values["trust-domain"] ?? defaultTrustDomain;
  const namespace = values.namespace ?? defaultNamespace;
  const identity = idOf(from, trustDomain, namespace);
  const policy = file === undefined ? platformAccess(platformMethods.values()) : await readPolicyFile(file);
  const explanation = explainAccess(policy, { trustDomain, namespace }, identity, to);
  print(explanationText(explanation, file ?? "the platform's own policy"));
  return explanation.decision.allowed ? 0 : 1;
}

function idOf(from: string, trustDomain: string, namespace: string): string {
  if (!from.startsWith("spiffe://")) return serviceId(trustDomain, namespace, from);
  parseSpiffeId(from);
  return from;
}

/** For people: the decision, and a line for each rule that is about the caller or the method. */
export function explanationText({ identity, method, decision, rules }: AccessExplanation, policy: string): string {
  const lines = [
    `${identity} ${decision.allowed ? "may" : "may not"} call ${method}: ${decision.because}`,
    ...(decision.shadow === undefined
      ? []
      : [`without shadow it ${decision.shadow.allowed ? "might" : "might not"}: ${named(decision.shadow.rule)}`]),
    `of ${policy}:`,
  ];
  for (const { rule, matches, why } of rules) {
    const shadow = rule.mode === "shadow" ? ", in shadow" : "";
    lines.push(`  ${matches ? "→" : " "} ${rule.name} (${rule.action}${shadow}): ${why}`);
  }
  return lines.join("\n");
}

function named(rule: string): string {
  return rule === "" ? "by default" : `by the rule ${rule}`;
}
