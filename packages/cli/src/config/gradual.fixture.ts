import { service as defineService, run as runProcess, type ServiceModule } from "@sampan/app";
import { duration, settings, type LiveView as View } from "@sampan/config";

export type LiveView = View<{ readonly paymentWindow: number }>;

interface Instance {
  readonly module: ServiceModule;
  readonly live: () => LiveView;
}

/** The order service's settings without its databases: many of them fit into one test. */
export function service(): Instance {
  let live: LiveView | undefined;
  const module = defineService({
    name: "order",
    settings: settings({ paymentWindow: duration({ default: "15m", live: true }) }),
    needs: {},
    build(context) {
      live = context.live;
      return {};
    },
  });
  return { module, live: () => live as LiveView };
}

/** Runs it as an instance of its own that follows what is published. */
export async function run({ module, live }: Instance, remote: string, instance: string, data: string) {
  const lines: string[] = [];
  const process = await runProcess(module, {
    signals: false,
    logSink: { write: (line: string) => lines.push(line) > 0, flush() {} },
    sources: {
      argv: [],
      env: {},
      folder: "none",
      set: { process: { adminPort: -1, data, instance }, config: { remote, startTimeout: "500ms" } },
    },
  });
  return { live: live(), lines, stop: () => process.stop() };
}
