/** One thing that is wrong with the settings. */
export interface SettingsProblem {
  /** `order.paymentWindow`, or an unknown name as it was written; empty when it is not about one setting. */
  readonly setting: string;
  /** Where it comes from: `flag --order.payment-window`, `environment SAMPAN_…`, `config/default.json`, `no source`. */
  readonly source: string;
  /** What was given, with secrets masked; missing when nothing was, and when it must not be seen. */
  readonly value?: string;
  /** A phrase that follows the value: `is more than 24h`. */
  readonly problem: string;
  /** What to do. */
  readonly fix: string;
}

/** Everything that is wrong with the settings, at once. The message is made to be printed as it is. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly SettingsProblem[];

  constructor(problems: readonly SettingsProblem[]) {
    const count = problems.length === 1 ? "1 setting is wrong" : `${problems.length} settings are wrong`;
    super(`${count}:\n${problems.map(format).join("\n")}`);
    this.problems = problems;
  }
}

/** A name that no setting has. Its value is not kept: it may be a secret under a misspelt name. */
export function unknownName(name: string, source: string, near: string | undefined): SettingsProblem {
  return {
    setting: name,
    source,
    problem: "is not a setting",
    fix: near === undefined ? "remove it, or correct its name" : `did you mean ${near}?`,
  };
}

/** Text in one line of printable characters, shortened. */
export function printable(text: string): string {
  const line = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return line.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function format({ setting, source, value, problem, fix }: SettingsProblem): string {
  const name = /^[\w.-]*$/.test(setting) ? setting : printable(setting);
  const subject = [name, value].filter((each) => each !== undefined && each !== "").join(" = ");
  const where = subject === "" ? source : `${subject}  (${source})`;
  return `\n  ${where}\n    ${problem}\n    fix: ${fix}`;
}
