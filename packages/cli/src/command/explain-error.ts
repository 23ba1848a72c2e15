import { AppErrors } from "@sampan/app";
import { SettingsError } from "@sampan/config";
import { RpcError, registeredErrors } from "@sampan/core";
import { CommandError } from "./command-error.js";

/** What is printed of an error, and the exit status. */
export interface Explained {
  readonly text: string;
  readonly status: number;
}

/**
 * For the person at the terminal: what happened and what to do. Errors that nobody foresaw come with their stack. The
 * status is 2 when the command was not understood, 1 for everything else that went wrong.
 */
export function explainError(error: unknown): Explained {
  if (error instanceof CommandError) return { text: sentence(error.message, error.fix), status: error.status };
  if (error instanceof SettingsError) return { text: error.message, status: 2 };
  // Whoever interrupted it knows.
  if (AppErrors.START_INTERRUPTED.is(error)) return { text: "", status: 130 };
  if (error instanceof RpcError) {
    const root = deepest(error);
    // What is not an RpcError underneath is not foreseen: its stack is what helps.
    if (root.cause === undefined) return { text: sentence(error.message, fixOf(root)), status: 1 };
    return { text: `${sentence(error.message, "")}\n${stackOf(root.cause)}`, status: 1 };
  }
  return { text: stackOf(error), status: 1 };
}

function deepest(error: RpcError): RpcError {
  let root = error;
  while (root.cause instanceof RpcError) root = root.cause;
  return root;
}

function fixOf(error: RpcError): string {
  const { domain, reason } = error.info ?? {};
  return registeredErrors().find((each) => each.domain === domain && each.reason === reason)?.fix ?? "";
}

function sentence(message: string, fix: string): string {
  return `sampan: ${message}${fix === "" ? "" : `\n        ${fix}`}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
