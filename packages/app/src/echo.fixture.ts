import { settings } from "@sampan/config";
import { type Call, implement, type Service } from "@sampan/core";
import { type EchoRequest, EchoService } from "@sampan/testkit";
import type { SingletonDependency } from "./dependency.js";
import type { RunOptions } from "./run.js";
import type { SectionValues } from "./service-settings.js";

type Unary = (request: EchoRequest, call: Call) => Promise<{ text: string }> | { text: string };

/** A contract that is served, with what its unary method does. */
export function echo(unary: Unary = ({ text }) => ({ text })): Service {
  return implement(EchoService, {
    unary,
    collect: () => Promise.resolve({}),
    async *produce() {},
    async *chat() {},
  });
}

export const noSettings = settings({});

/** A dependency that writes down when it is opened and closed. */
export function noted(
  name: string,
  notes: string[],
  options: {
    readonly lifetime?: "process" | "service";
    readonly open?: () => void;
    readonly close?: () => Promise<void> | void;
  } = {},
): SingletonDependency<string> {
  return {
    name,
    lifetime: options.lifetime ?? "process",
    open({ service }) {
      options.open?.();
      const value = service === "" ? name : `${name} of ${service}`;
      notes.push(`open ${value}`);
      return {
        value,
        close() {
          notes.push(`close ${value}`);
          return options.close?.();
        },
      };
    },
  };
}

/** A process that hears and says nothing: no environment, files, signals, admin port; log lines go to a list. */
export function alone(set: SectionValues = {}, lines: string[] = []) {
  return {
    signals: false,
    sources: { argv: [], env: {}, folder: "none", set: { ...set, process: { adminPort: -1, ...set.process } } },
    logSink: { write: (line: string) => lines.push(line) > 0, flush() {} },
  } satisfies RunOptions;
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
