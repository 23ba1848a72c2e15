#!/usr/bin/env node
import { type Commands, sampan } from "./command/sampan.js";

const commands: Commands = {
  up: async () => (await import("./commands/up.js")).up,
  call: async () => (await import("./commands/call.js")).call,
  settings: async () => (await import("./commands/settings.js")).settings,
  config: async () => (await import("./config/config.js")).config,
  rules: async () => (await import("./rules/rules.js")).rules,
  access: async () => (await import("./access/access.js")).access,
  cert: async () => (await import("./cert/cert.js")).cert,
  audit: async () => (await import("./audit/audit.js")).audit,
  demo: async () => (await import("./demo/demo.js")).demo,
  journey: async () => (await import("./commands/journey.js")).journey,
  replay: async () => (await import("./commands/replay.js")).replay,
};

try {
  process.exitCode = await sampan(commands, process.argv.slice(2), (text) => console.log(text));
} catch (error) {
  // Loaded here, because it knows the errors of everything.
  const { explainError } = await import("./command/explain-error.js");
  const { text, status } = explainError(error);
  if (text !== "") console.error(text);
  process.exitCode = status;
}
