import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Nacos 3's HTTP API for configurations, as far as a client of it needs: wrapped answers, 20004 for none, no empty content. */
export async function nacosConfig(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const contents = new Map<string, string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://nacos");
    const send = (status: number, code: number, message: string, data: unknown = null): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ code, message, data }));
    };
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isPost = request.method === "POST";
      const form = isPost ? new URLSearchParams(Buffer.concat(chunks).toString("utf8")) : url.searchParams;
      const [namespace, group, dataId] = ["namespaceId", "groupName", "dataId"].map((name) => form.get(name) ?? "");
      if (!namespace || !group || !dataId) return send(400, 10_000, "parameter missing");
      // Nacos's own check of names.
      if (!/^[a-zA-Z0-9.:_-]+$/.test(dataId)) return send(400, 10_001, "invalid dataId");
      const place = JSON.stringify([namespace, group, dataId]);
      if (isPost && url.pathname === "/nacos/v3/admin/cs/config") {
        const content = form.get("content") ?? "";
        if (content.trim() === "") return send(400, 10_000, "content is blank");
        contents.set(place, content);
        return send(200, 0, "success", true);
      }
      if (isPost || url.pathname !== "/nacos/v3/client/cs/config") return send(404, 404, "not found");
      const content = contents.get(place);
      if (content === undefined) return send(404, 20_004, "config data not exist");
      send(200, 0, "success", { content, md5: `${content.length}` });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
