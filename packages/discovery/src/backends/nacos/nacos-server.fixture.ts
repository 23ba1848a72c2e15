import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, systemClock } from "@sampan/core";
import { end, HttpStandin, read } from "../http-standin.fixture.js";

interface Held {
  readonly ip: string;
  readonly port: number;
  weight: number;
  metadata: Record<string, string>;
  heardAt: number;
}

/**
 * A stand-in for Nacos 3.1, made from its documentation and compared with a real server by the same contract suite: the
 * client API for instances, whose heartbeats run out (unhealthy, then deleted), and its refusals.
 */
export class NacosServer extends HttpStandin {
  readonly #clock: Clock;
  readonly #services = new Map<string, Map<string, Held>>();

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  /** A restart: ephemeral instances are not kept on disk. */
  restart(): void {
    this.#services.clear();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://nacos");
    const body = await read(request);
    if (this.failWith > 0) return end(response, this.failWith, "server is DOWN now, please try again later!");
    const form = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
    const field = (name: string): string => form.get(name) ?? "";
    const list = url.pathname.endsWith("/instance/list");
    if (!list && !url.pathname.endsWith("/nacos/v3/client/ns/instance")) return end(response, 404, "no such path");
    const wrong = wrongWith(field, list);
    if (wrong !== undefined)
      return end(response, 400, JSON.stringify({ code: 10_000, message: "parameter missing", data: wrong }));
    if (/[^\w.@:-]/.test(field("serviceName")))
      return end(response, 400, "Param 'serviceName' is illegal, illegal characters should not appear in the param.");
    const key = `${field("namespaceId")}@@${field("groupName")}@@${field("serviceName")}`;
    const data = list ? this.#list(key) : this.#change(request.method ?? "", key, field);
    if (list && this.garbage !== undefined) return end(response, 200, this.garbage);
    const missing = { code: 21_003, message: "instance not found", data: null };
    end(response, 200, JSON.stringify(data === undefined ? missing : { code: 0, message: "success", data }));
  }

  /** Undefined for a heartbeat of an instance that is not known. */
  #change(method: string, key: string, field: (name: string) => string): string | undefined {
    const instances = this.#alive(key);
    const at = `${field("ip")}:${field("port")}`;
    if (method === "DELETE") instances.delete(at);
    else if (field("heartBeat") === "true") {
      const held = instances.get(at);
      if (held === undefined) return undefined;
      held.heardAt = this.#clock.monotonic();
    } else
      instances.set(at, {
        ip: field("ip"),
        port: Number(field("port")),
        weight: Number(field("weight")),
        metadata: JSON.parse(field("metadata")),
        heardAt: this.#clock.monotonic(),
      });
    return "ok";
  }

  #list(key: string): object[] {
    const now = this.#clock.monotonic();
    return [...this.#alive(key).values()].map(({ heardAt, ...instance }) => ({
      ...instance,
      healthy: now - heardAt < Number(instance.metadata["preserved.heart.beat.timeout"] ?? 15_000),
      enabled: true,
      ephemeral: true,
      clusterName: "DEFAULT",
    }));
  }

  #alive(key: string): Map<string, Held> {
    const instances = this.#services.get(key) ?? new Map<string, Held>();
    this.#services.set(key, instances);
    for (const [at, { metadata, heardAt }] of instances) {
      const after = Number(metadata["preserved.ip.delete.timeout"] ?? 30_000);
      if (this.#clock.monotonic() - heardAt >= after) instances.delete(at);
    }
    return instances;
  }
}

function wrongWith(field: (name: string) => string, list: boolean): string | undefined {
  if (field("serviceName") === "") return "Required parameter 'serviceName' type String is not present";
  if (list) return undefined;
  if (field("ip") === "") return "Required parameter 'ip' type String is not present";
  if (field("port") === "") return "Required parameter 'port' type Integer is not present";
  const weight = Number(field("weight"));
  if (weight < 0 || weight > 10_000) return "instance format invalid: The weights range from 0.0 to 10000.0";
  return field("metadata").length > 1024 + 64
    ? "Param 'metadata' is illegal, the param length should not exceed 1024"
    : undefined;
}
