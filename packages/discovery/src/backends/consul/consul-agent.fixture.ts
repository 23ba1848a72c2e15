import type { IncomingMessage, ServerResponse } from "node:http";
import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import { end, HttpStandin, read } from "../http-standin.fixture.js";

interface Check {
  readonly CheckID: string;
  readonly ServiceID: string;
  Status: string;
  Output: string;
  readonly ttlMs: number;
  readonly deregisterMs: number;
  cancel: CancelTimer;
}

interface Service {
  readonly ID: string;
  readonly Service: string;
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Record<string, string>;
  readonly Weights: unknown;
}

/**
 * A stand-in for a Consul agent, made from Consul's documentation and compared with a real one by the same contract suite:
 * services with TTL checks, blocking queries. It refuses what Consul refuses.
 */
export class ConsulAgent extends HttpStandin {
  readonly #clock: Clock;
  readonly #services = new Map<string, Service>();
  readonly #checks = new Map<string, Check>();
  readonly #blocked = new Set<() => void>();
  #index = 10;

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  /** A restart of all servers from nothing: everything is gone and the index begins anew. */
  restart(): void {
    for (const check of this.#checks.values()) check.cancel();
    this.#services.clear();
    this.#checks.clear();
    this.#index = 1;
    this.#wake();
  }

  status(checkId: string): string | undefined {
    return this.#checks.get(checkId)?.Status;
  }

  /** Somebody else's service, without a check. */
  put(service: Service): void {
    this.#services.set(service.ID, service);
    this.#changed();
  }

  override async close(): Promise<void> {
    for (const check of this.#checks.values()) check.cancel();
    this.#wake();
    await super.close();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://agent");
    const body = await read(request);
    if (this.failWith > 0) {
      end(response, this.failWith, "No cluster leader");
      return;
    }
    const [, , ...path] = url.pathname.split("/").map(decodeURIComponent);
    const route = `${request.method} ${path.slice(0, path[0] === "agent" ? 3 : 2).join("/")}`;
    const name = path.at(-1) ?? "";
    if (route === "PUT agent/service/register") return this.#register(body, response);
    if (route === "PUT agent/service/deregister") return this.#deregister(name, response);
    if (route === "PUT agent/check/update") return this.#update(name, body, response);
    if (route === "GET health/service") return this.#health(name, url.searchParams, response);
    end(response, 405, "method not allowed");
    return;
  }

  #register(body: string, response: ServerResponse): void {
    const wanted = JSON.parse(body);
    const wrong = wrongWith(wanted);
    if (wrong !== undefined) {
      end(response, 400, wrong);
      return;
    }
    const { ID, Name, Address, Port, Meta, Weights, Checks } = wanted;
    this.#removeChecks(ID);
    this.#services.set(ID, { ID, Service: Name, Address, Port, Meta, Weights });
    for (const { CheckID, TTL, Status, DeregisterCriticalServiceAfter } of Checks) {
      const check: Check = {
        CheckID,
        ServiceID: ID,
        Status: Status ?? "critical",
        Output: "",
        ttlMs: milliseconds(TTL) ?? Number.POSITIVE_INFINITY,
        deregisterMs: milliseconds(DeregisterCriticalServiceAfter) ?? Number.POSITIVE_INFINITY,
        cancel: () => {},
      };
      this.#checks.set(CheckID, check);
      this.#arm(check);
    }
    this.#changed();
    end(response, 200, "");
  }

  #deregister(id: string, response: ServerResponse): void {
    if (!this.#services.has(id)) {
      end(response, 404, `Unknown service ID "${id}". Ensure that the service ID is passed`);
      return;
    }
    this.#remove(id);
    end(response, 200, "");
  }

  #update(id: string, body: string, response: ServerResponse): void {
    const check = this.#checks.get(id);
    const { Status, Output } = JSON.parse(body);
    if (!["passing", "warning", "critical"].includes(Status)) {
      end(response, 400, `Invalid check status: '${Status}'`);
      return;
    }
    if (check === undefined) {
      end(response, 404, `Unknown check ID "${id}". Ensure that the check ID is passed`);
      return;
    }
    const before = `${check.Status} ${check.Output}`;
    check.Status = Status;
    check.Output = Output;
    this.#arm(check);
    if (before !== `${Status} ${Output}`) this.#changed();
    end(response, 200, "");
  }

  async #health(service: string, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const index = Number(query.get("index") ?? 0);
    // An index from before a restart is above ours: real servers wait with it too, or answer with the lower one.
    if (index > 0 && index === this.#index) await this.#change(milliseconds(query.get("wait") ?? "5m") ?? 0);
    if (this.failWith > 0) {
      end(response, this.failWith, "No cluster leader");
      return;
    }
    response.setHeader("x-consul-index", `${this.#index}`);
    if (this.garbage !== undefined) {
      end(response, 200, this.garbage);
      return;
    }
    const entries = [...this.#services.values()]
      .filter(({ Service }) => Service === service)
      .map((held) => ({ Node: { Address: "127.0.0.1" }, Service: held, Checks: this.#checksOf(held.ID) }));
    end(response, 200, JSON.stringify(entries));
  }

  #checksOf(id: string): object[] {
    const own = [...this.#checks.values()].filter(({ ServiceID }) => ServiceID === id);
    const shown = own.map(({ CheckID, Status, Output }) => ({ CheckID, Status, Output }));
    return [{ CheckID: "serfHealth", Status: "passing", Output: "Agent alive and reachable" }, ...shown];
  }

  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#blocked.delete(done);
        resolve();
      };
      const cancel = this.#clock.timer(Math.min(waitMs, 600_000), done);
      this.#blocked.add(done);
    });
  }

  /** A TTL check that is not updated in time is critical; one that stays so takes its service with it. */
  #arm(check: Check): void {
    check.cancel();
    if (check.Status === "critical") {
      if (Number.isFinite(check.deregisterMs))
        check.cancel = this.#clock.timer(check.deregisterMs, () => this.#remove(check.ServiceID), { background: true });
      return;
    }
    if (!Number.isFinite(check.ttlMs)) return;
    const expire = (): void => {
      check.Status = "critical";
      check.Output = "TTL expired";
      this.#arm(check);
      this.#changed();
    };
    check.cancel = this.#clock.timer(check.ttlMs, expire, { background: true });
  }

  #remove(id: string): void {
    this.#removeChecks(id);
    this.#services.delete(id);
    this.#changed();
  }

  #removeChecks(id: string): void {
    for (const [checkId, check] of this.#checks)
      if (check.ServiceID === id) {
        check.cancel();
        this.#checks.delete(checkId);
      }
  }

  #changed(): void {
    this.#index++;
    this.#wake();
  }

  #wake(): void {
    for (const done of [...this.#blocked]) done();
  }
}

/** Consul's checks of a service definition. */
function wrongWith(wanted: Record<string, unknown>): string | undefined {
  const known = ["ID", "Name", "Address", "Port", "Meta", "Tags", "Checks", "Weights"];
  const unknown = Object.keys(wanted).find((key) => !known.includes(key));
  if (unknown !== undefined) return `Request decode failed: invalid config key "${unknown}"`;
  if (!wanted.Name) return "Missing service name";
  const { Passing } = wanted.Weights as { Passing: number };
  if (!(Passing >= 1)) return "Invalid Weight: Passing must be greater than 0";
  const meta = Object.entries(wanted.Meta as Record<string, string>);
  if (meta.length > 64) return "Invalid Service Meta: Node metadata cannot contain more than 64 key/value pairs";
  for (const [key, value] of meta) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(key)) return `Invalid Service Meta: Couldn't load metadata pair ('${key}')`;
    if (value.length > 512) return `Invalid Service Meta: Value is too long (limit: 512 characters)`;
  }
  for (const check of wanted.Checks as Record<string, string>[]) {
    if (check.TTL === undefined && (check.GRPC === undefined || check.Interval === undefined))
      return "Invalid check: must provide a TTL, or an Interval with GRPC";
    if ((milliseconds(check.DeregisterCriticalServiceAfter) ?? 60_000) < 60_000)
      return "Invalid check: DeregisterCriticalServiceAfter is below a minute";
  }
  return undefined;
}

/** Durations as Go writes them, as far as they are used here. */
function milliseconds(duration: string | undefined): number | undefined {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(duration ?? "") ?? [];
  return amount === undefined ? undefined : Number(amount) * ({ ms: 1, s: 1000, m: 60_000 }[unit ?? ""] ?? 0);
}
