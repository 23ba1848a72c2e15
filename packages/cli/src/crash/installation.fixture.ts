import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Standin } from "@sampan/miniprogram/standin";
import { openDataFolder } from "../platform/data-folder.js";
import { freePorts, startOutsideStandin } from "./outside-standin.fixture.js";
import type { ChildMessage, ChildOptions, ParentMessage } from "./platform-child.fixture.js";
import { within } from "./within.fixture.js";

const program = fileURLToPath(new URL("./platform-child.fixture.js", import.meta.url));

export interface InstallationOptions {
  /** `outside`: the stand-in is in the test's process and survives every kill, as the real platform would. */
  readonly standin: "outside" | "embedded";
  readonly paymentWindow?: string;
  readonly currency?: string;
}

/** What tests of crashes need of a platform, whether it is one process or many. */
export interface Killable {
  readonly data: string;
  readonly url: string;
  readonly standinUrl: string;
  readonly operatorKey: string;
  readonly starts: number;
  readonly paymentWindow: string | undefined;
  start(options?: StartOptions): Promise<void>;
  arm(trap: { readonly point?: string; readonly nth?: number; readonly refuse?: string | undefined }): Promise<void>;
  points(): Promise<readonly string[]>;
  ended(): Promise<NodeJS.Signals | number | null>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export interface StartOptions {
  readonly paymentWindow?: string | undefined;
  readonly refuse?: string | undefined;
}

/** A platform on a temporary folder, in a child process that is killed and started again on the same folder and port. */
export class Installation implements Killable {
  readonly data: string;
  readonly #options: InstallationOptions;
  #standin: Standin | undefined;
  #port = 0;
  #standinPort = 0;
  #child: ChildProcess | undefined;
  #exited: Promise<NodeJS.Signals | number | null> = Promise.resolve(null);
  url = "";
  standinUrl = "";
  operatorKey = "";
  /** How often a process was started. */
  starts = 0;
  /** Of the running process; undefined: the default. */
  paymentWindow: string | undefined;

  private constructor(data: string, options: InstallationOptions) {
    this.data = data;
    this.#options = options;
  }

  static async create(options: InstallationOptions): Promise<Installation> {
    const data = mkdtempSync(join(tmpdir(), "sampan-crash-"));
    const installation = new Installation(data, options);
    const [port, standinPort] = await freePorts(2);
    installation.#port = port as number;
    installation.#standinPort = standinPort as number;
    if (options.standin === "outside") {
      // The folder becomes Sampan's first: it would not take one that has only the stand-in's keys in it.
      openDataFolder(data).release();
      installation.#standin = await startOutsideStandin(data, options.currency ?? "CNY");
      installation.standinUrl = installation.#standin.url;
    }
    return installation;
  }

  /** Resolves when the platform serves. */
  async start({ paymentWindow, refuse }: StartOptions = {}): Promise<void> {
    const options: ChildOptions = {
      data: this.data,
      port: this.#port,
      ...(this.#standin === undefined ? { standinPort: this.#standinPort } : { standinUrl: this.standinUrl }),
      ...(refuse === undefined ? {} : { refuse }),
      paymentWindow: paymentWindow ?? this.#options.paymentWindow ?? "15m",
      currencies: [this.#options.currency ?? "CNY"],
    };
    this.starts++;
    this.paymentWindow = paymentWindow;
    const child = fork(program, [JSON.stringify(options)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#child = child;
    this.#exited = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => resolve(signal ?? code));
    });
    const ready = this.#next("ready");
    const early = this.#exited.then((how) => Promise.reject(new Error(`the platform ended at its start: ${how}`)));
    early.catch(() => {});
    const { url, standinUrl, operatorKey } = await within(30_000, "the start", Promise.race([ready, early]));
    this.url = url;
    this.standinUrl = standinUrl;
    this.operatorKey = operatorKey;
  }

  /** The running process dies when it reaches this boundary for the nth time from now on. */
  async arm(trap: {
    readonly point?: string;
    readonly nth?: number;
    readonly refuse?: string | undefined;
  }): Promise<void> {
    const armed = this.#next("armed");
    const { point, nth = 1, refuse } = trap;
    this.#send({ type: "arm", nth, refuse, ...(point === undefined ? {} : { point }) });
    await within(5000, "arming", armed);
  }

  /** The boundaries that were reached since `arm`. */
  async points(): Promise<readonly string[]> {
    const answer = this.#next("points");
    this.#send({ type: "points" });
    return (await within(5000, "the list of points", answer)).points;
  }

  /** Resolves with how the running process ended. */
  ended(): Promise<NodeJS.Signals | number | null> {
    return this.#exited;
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  /** Stops in good order, so that the files can be read. Throws when that fails. */
  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    const how = await within(40_000, "the stop", this.#exited);
    if (how !== 0) throw new Error(`the platform stopped with ${how}`);
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.#standin?.close();
    rmSync(this.data, { recursive: true, force: true });
  }

  #send(message: ParentMessage): void {
    this.#child?.send(message);
  }

  #next<T extends ChildMessage["type"]>(type: T): Promise<Extract<ChildMessage, { type: T }>> {
    const child = this.#child;
    return new Promise((resolve) => {
      const listen = (message: ChildMessage): void => {
        if (message.type !== type) return;
        child?.off("message", listen);
        resolve(message as Extract<ChildMessage, { type: T }>);
      };
      child?.on("message", listen);
    });
  }
}
