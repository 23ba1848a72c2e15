/**
 * Every command that a README may show, and what runs it in our own tests. A README whose command is not here does not pass: a
 * command nobody runs is one that will stop working unnoticed.
 */
export interface KnownCommand {
  readonly pattern: RegExp;
  /** Run in order by tour.system.test.ts against one running platform, or by something else that is named. */
  readonly runBy: "tour" | { readonly other: string };
}

/** The address that READMEs show; the tour runs elsewhere and puts its own port in. */
export const shownPort = 8080;

/** Of the stand-in: `npm run up` puts it beside the gateway. */
export const shownStandinPort: number = shownPort + 1;

/** Where `npm run up` keeps things unless it is told otherwise. */
export const shownDataFolder = ".sampan";

/** The file that READMEs replay; the tour uses a small one of ours in its place. */
export const shownOrders = /(?<=--file )\S+\.csv/;

const knownCommands: readonly KnownCommand[] = [
  { pattern: /^git clone \S+/, runBy: { other: ".ci/run starts from a clone" } },
  { pattern: /^cd [\w./-]+$/, runBy: { other: ".ci/run starts in the clone" } },
  { pattern: /^node --version$/, runBy: "tour" },
  { pattern: /^npm ci$/, runBy: { other: "tools/bootstrap.mjs, in .ci/run" } },
  { pattern: /^npm run up -- --split$/, runBy: { other: "packages/cli/src/split/split.system.test.ts" } },
  { pattern: /^npm run journey -- --mtls$/, runBy: { other: "packages/cli/src/journey/mtls.system.test.ts" } },
  { pattern: /^npm run demo -- storm$/, runBy: { other: "packages/cli/src/demo/storm/storm.system.test.ts" } },
  {
    pattern: /^npx sampan call( .*)?$/,
    runBy: { other: "packages/cli/src/call/call.system.test.ts: the tour's platform is one process" },
  },
  {
    pattern: /^npm run up( -- .*)?$/,
    runBy: { other: "tour.system.test.ts starts the platform with it, on a port of its own" },
  },
  { pattern: /^npm test( -- .*)?$/, runBy: { other: ".ci/run; inside itself it would not end" } },
  { pattern: /^npm run build$/, runBy: { other: "the gate clean-compile" } },
  { pattern: /^npm run clean$/, runBy: { other: "tools/clean.test.ts" } },
  { pattern: /^npm run gates( -- .*)?$/, runBy: { other: "npm test runs every gate" } },
  { pattern: /^npm run (format|lint)$/, runBy: { other: "the gate format-lint" } },
  { pattern: /^npm run generate$/, runBy: { other: "the gate generated" } },
  { pattern: /^npm run release:contracts$/, runBy: { other: "the gate buf-breaking reads its result" } },
  { pattern: /^npm run (journey|replay|bench)( -- .*)?$/, runBy: "tour" },
  { pattern: /^curl\s/, runBy: "tour" },
  { pattern: /^\w+=\$\((?:curl|post|echo)\s[\s\S]*\)$/, runBy: "tour" },
  { pattern: /^post\(\) \{ curl .* \}$/, runBy: "tour" },
  { pattern: /^post\s/, runBy: "tour" },
  { pattern: /^field\(\) \{ node -p .* \}$/, runBy: "tour" },
  { pattern: /^echo .*$/, runBy: "tour" },
  { pattern: /^sleep 1$/, runBy: "tour" },
];

export function knownCommand(text: string): KnownCommand | undefined {
  return knownCommands.find(({ pattern }) => pattern.test(text));
}
