import { fileURLToPath } from "node:url";
import { authoritySource, createAuthority, memoryAuthorityStore } from "@sampan/identity/certificates";
import type { Report } from "../grpc/contest.js";
import { clientLoad } from "../grpc/load/go-load.js";
import { type Load, limitOf, type Measured, measure } from "../grpc/load/load.js";
import { RunningServer } from "../grpc/load/running-server.js";
import { ours, type Program } from "../grpc/peers/peers.js";
import { median } from "../harness/machine.js";
import { type Security, securityOf } from "./security.js";

/** Of one round, after a second of warm-up. */
const seconds = 1.5;

/** What is measured, against which server; the first of each kind is what the others are compared with. */
interface Subject {
  readonly case: string;
  readonly server: Security;
  readonly load: Load;
  readonly unit: "connections/s" | "calls/s";
}

/** Connections and calls, plain and secured: servers on core 0, load on core 1, in turn, round after round. */
export async function connectionBench(report: Report, rounds: number): Promise<void> {
  const authority = await createAuthority("shop.bench", { store: memoryAuthorityStore() });
  const identity = (name: string) => authoritySource({ authority, id: `spiffe://shop.bench/ns/shop/sa/${name}` });
  const [order, cart] = [identity("order"), identity("cart")];
  const as = (security: Security): Program => ({ ...ours("client"), env: securityOf(security, cart) });
  const connects = (how: string): Load => connectLoad({ ...program("connects"), env: securityOf("mtls", cart) }, how);
  const calls = (security: Security): Load => clientLoad(as(security), 10, 100);
  const subjects: readonly Subject[] = [
    { case: "connect, plain", server: "plain", load: connects("plain"), unit: "connections/s" },
    { case: "connect, TLS", server: "tls", load: connects("tls"), unit: "connections/s" },
    { case: "connect, TLS, session resumed", server: "tls", load: connects("resumed"), unit: "connections/s" },
    { case: "connect, mTLS", server: "mtls-unchecked", load: connects("mtls"), unit: "connections/s" },
    { case: "connect, mTLS, SPIFFE id checked", server: "mtls", load: connects("mtls"), unit: "connections/s" },
    { case: "unary calls, 10 connections, plain", server: "plain", load: calls("plain"), unit: "calls/s" },
    { case: "unary calls, 10 connections, TLS", server: "tls", load: calls("tls"), unit: "calls/s" },
    {
      case: "unary calls, 10 connections, mTLS, SPIFFE id checked",
      server: "mtls",
      load: calls("mtls"),
      unit: "calls/s",
    },
  ];
  const servers = new Map<Security, RunningServer>();
  try {
    for (const security of ["plain", "tls", "mtls-unchecked", "mtls"] as const) {
      servers.set(security, await RunningServer.start(ours("server"), securityOf(security, order)));
    }
    const results = new Map<Subject, Measured[]>(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [subject, measured] of results) {
        measured.push(await measure(subject.load, servers.get(subject.server) as RunningServer, seconds));
      }
    }
    for (const subject of subjects) reportOne(report, subject, results, subjects);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
    for (const each of [order, cart, authority]) each.close();
  }
}

function reportOne(
  report: Report,
  { case: name, unit, ...subject }: Subject,
  results: ReadonlyMap<Subject, readonly Measured[]>,
  subjects: readonly Subject[],
): void {
  const plain = subjects.find((each) => each.unit === unit) as Subject;
  const of = (each: Subject | undefined): readonly Measured[] => (each && results.get(each)) ?? [];
  const own = of(subjects.find((each) => each.case === name));
  const rate = median(own.map(({ callsPerSecond }) => callsPerSecond));
  const cost = (measured: readonly Measured[]): number =>
    median(measured.map(({ serverShare, callsPerSecond }) => (serverShare / callsPerSecond) * 1e6));
  const compared = (value: number, peer: number) =>
    subject.server === "plain" ? {} : { peer: "plain", ratio: value / peer };
  const plainRate = median(of(plain).map(({ callsPerSecond }) => callsPerSecond));
  const limits = own.map((each) => limitOf(each, "server")).filter((note) => note !== undefined);
  const note = limits.length > own.length / 2 ? { note: limits[0] as string } : {};
  const row = { case: name, subject: "sampan" };
  report({ ...row, metric: "throughput", value: rate, unit, ...compared(rate, plainRate), ...note });
  const price = cost(own);
  report({
    ...row,
    metric: "server CPU",
    value: price,
    unit: `µs/${unit.replace(/s\/s$/, "")}`,
    ...compared(price, cost(of(plain))),
  });
}

function program(name: string): Program {
  return { command: [process.execPath, fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url))] };
}

/** As many at once as keep a core busy. */
const abreast = 16;

function connectLoad(connects: Program, how: string): Load {
  const { parse } = clientLoad(connects, 1, 1);
  return {
    program: (port, seconds) => ({
      ...connects,
      command: [...connects.command, `127.0.0.1:${port}`, how, String(abreast), String(seconds)],
    }),
    parse,
  };
}
