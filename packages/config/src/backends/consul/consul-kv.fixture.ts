import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Consul's key-value API as its documentation has it: base64, `ModifyIndex`, `cas`, blocking queries, 512 KiB. Refuses the rest. */
export async function consulKv(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const keys = new Map<string, { readonly value: Buffer; readonly index: number }>();
  const waiting = new Set<() => void>();
  let index = 1;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://consul");
    const key = url.pathname.replace("/v1/kv/", "").split("/").map(decodeURIComponent).join("/");
    const send = (status: number, body: string): void => {
      response.writeHead(status, { "x-consul-index": `${index}` }).end(body);
    };
    const list = (): void => {
      const found = [...keys].filter(([name]) => name.startsWith(key));
      const body = found.map(([name, held]) => {
        return { Key: name, Value: held.value.toString("base64"), ModifyIndex: held.index, Flags: 0 };
      });
      send(found.length === 0 ? 404 : 200, found.length === 0 ? "" : JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const changed = (): void => {
        for (const wake of [...waiting]) wake();
      };
      if (!url.pathname.startsWith("/v1/kv/") || key === "") return send(404, "");
      if (request.method === "GET") {
        if (!url.searchParams.has("recurse")) return send(400, "only recurse here");
        if (Number(url.searchParams.get("index") ?? 0) !== index) return list();
        const wait = /^(\d+)ms$/.exec(url.searchParams.get("wait") ?? "");
        if (wait === null) return send(400, "Invalid wait time");
        const wake = (): void => {
          clearTimeout(late);
          waiting.delete(wake);
          list();
        };
        const late = setTimeout(wake, Number(wait[1]));
        waiting.add(wake);
        return;
      }
      if (request.method === "DELETE") {
        keys.delete(key);
        index++;
        send(200, "true");
        return changed();
      }
      const value = Buffer.concat(chunks);
      if (value.length > 512 * 1024) return send(413, "Request body too large");
      const cas = url.searchParams.get("cas");
      if (cas !== null && Number(cas) !== (keys.get(key)?.index ?? 0)) return send(200, "false");
      keys.set(key, { value, index: ++index });
      send(200, "true");
      changed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const wake of [...waiting]) wake();
      await closed;
    },
  };
}
