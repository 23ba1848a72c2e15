import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Standin } from "@sampan/miniprogram/standin";
import { openDataFolder } from "../platform/data-folder.js";
import { startOf } from "../platform/process-record.js";
import { Control } from "./control.fixture.js";
import type { Killable, StartOptions } from "./installation.fixture.js";
import { freePorts, startOutsideStandin } from "./outside-standin.fixture.js";
import type { SupervisorAnswer, SupervisorOptions, SupervisorReady } from "./supervisor-child.fixture.js";
import { eventually, within } from "./within.fixture.js";

const program = fileURLToPath(new URL("./supervisor-child.fixture.js", import.meta.url));
const currency = "CNY";

/**
 * A split platform on a temporary folder, with the stand-in outside. A trap kills the process that holds the boundary,
 * and the supervisor starts that again; the supervisor itself can be killed too.
 */
export class SplitInstallation implements Killable {
  readonly data: string;
  readonly #folder: string;
  readonly #control: Control;
  readonly #standin: Standin;
  readonly #port: number;
  readonly #usualWindow: string;
  #supervisor: ChildProcess | undefined;
  #exited: Promise<NodeJS.Signals | number | null> = Promise.resolve(null);
  url = "";
  operatorKey = "";
  /** Of supervisors. */
  starts = 0;
  paymentWindow: string | undefined;

  private constructor(folder: string, standin: Standin, port: number, usualWindow: string) {
    this.#folder = folder;
    this.data = join(folder, "data");
    this.#control = new Control(join(folder, "control"));
    this.#standin = standin;
    this.#port = port;
    this.#usualWindow = usualWindow;
  }

  static async create(paymentWindow = "15m"): Promise<SplitInstallation> {
    const folder = mkdtempSync(join(tmpdir(), "sampan-crash-"));
    mkdirSync(join(folder, "control"));
    // The folder becomes Sampan's first: it would not take one that has only the stand-in's keys in it.
    openDataFolder(join(folder, "data")).release();
    const standin = await startOutsideStandin(join(folder, "data"), currency);
    const [port] = await freePorts(1);
    return new SplitInstallation(folder, standin, port as number, paymentWindow);
  }

  get standinUrl(): string {
    return this.#standin.url;
  }

  /** While the supervisor lives, the service that was killed comes back by itself; only what is refused can change. */
  async start({ paymentWindow, refuse }: StartOptions = {}): Promise<void> {
    this.#control.arm({ point: undefined, nth: 1, refuse });
    if (this.#supervisor !== undefined) return;
    const options: SupervisorOptions = {
      data: this.data,
      port: this.#port,
      standinUrl: this.standinUrl,
      paymentWindow: paymentWindow ?? this.#usualWindow,
      currencies: [currency],
      control: this.#control.folder,
    };
    this.starts++;
    this.paymentWindow = paymentWindow;
    // Its log says again and again that calls failed, which is what is wanted; what nobody foresaw goes to the other one.
    const child = fork(program, [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#supervisor = child;
    this.#exited = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        if (this.#supervisor === child) this.#supervisor = undefined;
        resolve(signal ?? code);
      });
    });
    const early = this.#exited.then((how) => Promise.reject(new Error(`the supervisor ended at its start: ${how}`)));
    early.catch(() => {});
    const { url, operatorKey } = await within(60_000, "the start", Promise.race([this.#ready(child), early]));
    this.url = url;
    this.operatorKey = operatorKey;
  }

  async arm(trap: {
    readonly point?: string;
    readonly nth?: number;
    readonly refuse?: string | undefined;
  }): Promise<void> {
    this.#control.arm({ point: trap.point, nth: trap.nth ?? 1, refuse: trap.refuse });
  }

  async points(): Promise<readonly string[]> {
    return this.#control.points();
  }

  /** Resolves when the trap has killed a process. */
  async ended(): Promise<NodeJS.Signals> {
    const pid = await eventually("the kill", () => this.#control.victim());
    await eventually("its end", () => (startOf(pid) === undefined ? true : undefined));
    return "SIGKILL";
  }

  /** The processes of the services, by name. */
  async pids(): Promise<Readonly<Record<string, number>>> {
    const child = this.#supervisor;
    const asked = new Promise<Readonly<Record<string, number>>>((resolve) => {
      child?.once("message", (answer: SupervisorAnswer) => resolve("pids" in answer ? answer.pids : {}));
    });
    child?.send({});
    return within(5000, "the list of processes", asked);
  }

  /** One service, as the operating system does it when memory runs out. False when it was not there just then. */
  async killService(name: string): Promise<boolean> {
    const pid = (await this.pids())[name];
    if (pid === undefined) return false;
    try {
      process.kill(pid, "SIGKILL");
      return true;
    } catch {
      return false;
    }
  }

  /** The supervisor alone. */
  async kill(): Promise<void> {
    this.#supervisor?.kill("SIGKILL");
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#supervisor?.kill("SIGTERM");
    const how = await within(60_000, "the stop", this.#exited);
    if (how !== 0) throw new Error(`the supervisor stopped with ${how}`);
  }

  async remove(): Promise<void> {
    await this.kill();
    // Its children are ended before the folder goes.
    openDataFolder(this.data).release();
    await this.#standin.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ready(child: ChildProcess): Promise<SupervisorReady> {
    return new Promise((resolve) => {
      child.on("message", (answer: SupervisorAnswer) => {
        if ("ready" in answer) resolve(answer.ready);
      });
    });
  }
}
