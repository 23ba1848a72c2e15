import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { AddressInfo } from "node:net";

export type DnsRecord =
  | { readonly type: "A"; readonly address: string; readonly ttl: number }
  | { readonly type: "AAAA"; readonly address: readonly number[]; readonly ttl: number }
  | {
      readonly type: "SRV";
      readonly target: string;
      readonly port: number;
      readonly priority?: number;
      readonly weight?: number;
      readonly ttl: number;
    };

const types = { A: 1, AAAA: 28, SRV: 33 };

/** A name server on loopback: answers over UDP as RFC 1035 has it, with the records it is given. */
export class NameServer {
  readonly #socket: Socket = createSocket("udp4");
  readonly records = new Map<string, readonly DnsRecord[]>();
  /** Questions so far. */
  asked = 0;
  /** 2 is SERVFAIL; anything but 0 is answered to every question. */
  failWith = 0;
  /** Sent instead of every answer. */
  garbage: Buffer | undefined;

  async listen(): Promise<string> {
    this.#socket.on("message", (message, from) => this.#answer(message, from));
    await new Promise<void>((resolve) => this.#socket.bind(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #answer(question: Buffer, from: RemoteInfo): void {
    this.asked++;
    const end = question.indexOf(0, 12);
    const type = question.readUInt16BE(end + 1);
    const name = nameIn(question.subarray(12, end)).toLowerCase();
    const known = this.records.get(name);
    const found = (known ?? []).filter((record) => types[record.type] === type);
    const code = this.failWith || (known === undefined ? 3 : 0);
    const head = Buffer.alloc(12);
    question.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(code === 0 ? found.length : 0, 6);
    const answers = code === 0 ? found.map(recordBytes) : [];
    const answer = Buffer.concat([head, question.subarray(12, end + 5), ...answers]);
    this.#socket.send(this.garbage ?? answer, from.port, from.address);
  }
}

/** A record that names what was asked for, by a pointer to the question. */
function recordBytes(record: DnsRecord): Buffer {
  const data = dataOf(record);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(types[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(record.ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === "A") return Buffer.from(record.address.split(".").map(Number));
  if (record.type === "AAAA") return Buffer.from(record.address);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(record.priority ?? 0, 0);
  head.writeUInt16BE(record.weight ?? 0, 2);
  head.writeUInt16BE(record.port, 4);
  const labels = record.target.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([head, ...labels, Buffer.of(0)]);
}

function nameIn(bytes: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; at < bytes.length; at += (bytes[at] ?? 0) + 1)
    labels.push(bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0)).toString());
  return labels.join(".");
}
