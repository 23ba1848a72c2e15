import { Code, type Layer, RpcError } from "@sampan/core";
import { startPlatform } from "../platform/start-platform.js";

/** What the parent tells a child at its start, as JSON in its first argument. */
export interface ChildOptions {
  readonly data: string;
  readonly port: number;
  /** A stand-in that outlives the child; without it the child has one of its own, on `standinPort`. */
  readonly standinUrl?: string;
  readonly standinPort?: number;
  readonly paymentWindow: string;
  readonly currencies?: readonly string[];
  /** An inventory method that refuses everything, such as `Confirm`. */
  readonly refuse?: string;
}

export type ParentMessage =
  /** Die when a boundary is reached for the nth time from now on; without `point` never. */
  | { readonly type: "arm"; readonly point?: string; readonly nth: number; readonly refuse?: string | undefined }
  /** Which boundaries were reached since the last `arm`? */
  | { readonly type: "points" };

export type ChildMessage =
  | { readonly type: "ready"; readonly url: string; readonly standinUrl: string; readonly operatorKey: string }
  | { readonly type: "armed" }
  | { readonly type: "points"; readonly points: readonly string[] }
  | { readonly type: "dying"; readonly point: string };

export async function runPlatformChild(options: ChildOptions): Promise<void> {
  let trap: { readonly point: string; left: number } | undefined;
  let reached: string[] = [];
  let { refuse } = options;

  const sagaBoundary = (point: string): void => {
    reached.push(point);
    // SIGKILL, from inside: nothing of this process runs after it, no handler, no flush.
    if (trap?.point === point && --trap.left === 0) process.kill(process.pid, "SIGKILL");
  };
  const refusing: Layer = (next, method) => {
    if (method.service !== "inventory.v1.InventoryService") return next;
    return (request, call) => {
      if (method.name !== refuse) return next(request, call);
      throw new RpcError(Code.FailedPrecondition, `the test refuses ${method.name}`);
    };
  };
  const answer = (message: ChildMessage): void => void process.send?.(message);
  process.on("message", (message: ParentMessage) => {
    if (message.type === "points") return answer({ type: "points", points: reached });
    reached = [];
    refuse = message.refuse;
    trap = message.point === undefined ? undefined : { point: message.point, left: message.nth };
    answer({ type: "armed" });
  });
  const platform = await startPlatform({
    data: options.data,
    port: options.port,
    ...(options.standinPort === undefined ? {} : { standinPort: options.standinPort }),
    env: {},
    run: { sagaBoundary, layers: [refusing] },
    set: {
      process: { logLevel: "error", adminPort: -1, drainTimeout: "20s" },
      order: { paymentWindow: options.paymentWindow },
      platform: {
        ...(options.standinUrl === undefined ? {} : { standinUrl: options.standinUrl }),
        standinCurrencies: options.currencies ?? ["CNY"],
      },
    },
  });
  const { url, standinUrl, folder } = platform;
  answer({ type: "ready", url, standinUrl: options.standinUrl ?? standinUrl, operatorKey: folder.operatorKey });
  await platform.process.stopped;
  process.disconnect?.();
}

if (process.argv[1]?.endsWith("platform-child.fixture.js")) {
  await runPlatformChild(JSON.parse(process.argv[2] ?? "{}") as ChildOptions);
}
