import { fileURLToPath } from "node:url";
import { type Report, reportMachine } from "../grpc/contest.js";
import type { Bench } from "../harness/bench.js";
import { median } from "../harness/machine.js";
import { reach } from "../harness/reach.js";
import { CaseProcess } from "./case-process.js";
import { type GuardPeer, guardPeers, guardVersions, peerCases, peerNotes } from "./guard-peers.js";
import { bareOf, type StackCase, stackCases, usualStack } from "./stacks.js";

const ownCases = fileURLToPath(new URL("./programs/stack-cases.js", import.meta.url));
const peers = Object.keys(guardVersions) as GuardPeer[];
const usualRounds = 15;
const generations = 3;
const bare = "bare";

export const governBench: Bench = {
  name: "govern",
  summary: "what guards cost a call, and a refusal, beside cockatiel, opossum and Moleculer",
  async run(report, { rounds = usualRounds } = {}) {
    const folder = await guardPeers();
    reportMachine(report);
    const own = stackCases.map(({ name }) => ({ subject: "sampan", name, file: ownCases }));
    const theirs = peers.flatMap((peer) =>
      [bare, ...peerCases[peer]].map((name) => ({ subject: peer, name, file: `${folder}/${peer}.mjs` })),
    );
    const times = await measure([...own, ...theirs], rounds);
    reportOwn(report, times);
    reportPeers(report, times);
  },
};

interface Subject {
  readonly subject: string;
  readonly name: string;
  readonly file: string;
}

/** Times of the rounds by subject and case, ns a call. */
class Times {
  readonly #rounds = new Map<string, number[]>();

  add(subject: string, name: string, ns: number): void {
    const key = `${subject}\n${name}`;
    const rounds = this.#rounds.get(key);
    if (rounds === undefined) this.#rounds.set(key, [ns]);
    else rounds.push(ns);
  }

  whole(subject: string, name: string): number {
    return median(this.#of(subject, name));
  }

  /** Above the bare case of the same round, so that what slows a round slows both. */
  added(subject: string, name: string, without: string): number {
    const base = this.#of(subject, without);
    return median(this.#of(subject, name).map((ns, round) => ns - (base[round] as number)));
  }

  #of(subject: string, name: string): readonly number[] {
    return this.#rounds.get(`${subject}\n${name}`) ?? [];
  }
}

/** The engine may compile the same code better or worse, for good: each case has several processes, one after the other. */
async function measure(subjects: readonly Subject[], rounds: number): Promise<Times> {
  const times = new Times();
  for (let left = rounds, generation = generations; generation > 0; generation--) {
    const now = Math.ceil(left / generation);
    left -= now;
    if (now > 0) await measureProcesses(subjects, now, times);
  }
  return times;
}

async function measureProcesses(subjects: readonly Subject[], rounds: number, times: Times): Promise<void> {
  const running: { readonly subject: Subject; readonly process: CaseProcess }[] = [];
  try {
    // Two at a time, one for each core; they take turns on one core later.
    for (let i = 0; i < subjects.length; i += 2) {
      const pair = subjects.slice(i, i + 2);
      const started = await Promise.allSettled(pair.map(({ file, name }) => CaseProcess.start(file, name)));
      started.forEach((each, index) => {
        if (each.status === "fulfilled") running.push({ subject: pair[index] as Subject, process: each.value });
      });
      for (const each of started) if (each.status === "rejected") throw each.reason;
    }
    // The first round after a rest is another warm-up.
    for (let round = -1; round < rounds; round++) {
      for (const { subject, process } of running) {
        const ns = await process.round();
        if (round >= 0) times.add(subject.subject, subject.name, ns);
      }
    }
  } finally {
    for (const { process } of running) process.stop();
  }
}

function reportOwn(report: Report, times: Times): void {
  const unit = "ns/call";
  for (const stack of stackCases) {
    const { name, rules, refused } = stack;
    const row = { case: name, subject: "sampan", unit };
    if (refused !== undefined) report({ ...row, metric: "refused call", value: times.whole("sampan", name) });
    else if (rules === undefined) report({ ...row, metric: "whole call", value: times.whole("sampan", name) });
    else if (name === usualStack) reportUsual(report, times, stack);
    else report({ ...row, metric: "added", value: times.added("sampan", name, bareCaseOf(stack)) });
  }
}

function reportUsual(report: Report, times: Times, stack: StackCase): void {
  const value = times.added("sampan", stack.name, bareCaseOf(stack)) / 1000;
  const note = "client: timeout, retry, breaker; server: limit, concurrency";
  report(reach({ case: stack.name, metric: "added", value, unit: "µs", atMost: 2, note }));
}

/** Each peer's own value, and ours beside it. */
function reportPeers(report: Report, times: Times): void {
  for (const peer of peers) {
    const version = `${peer} ${guardVersions[peer]}`;
    const whole = times.whole(peer, bare);
    report({ case: bare, subject: peer, metric: "whole call", value: whole, unit: "ns/call", note: version });
    for (const name of peerCases[peer]) {
      const stack = stackCases.find((each) => each.name === name) as StackCase;
      const refused = stack.refused !== undefined;
      const metric = refused ? "refused call" : "added";
      const theirs = refused ? times.whole(peer, name) : times.added(peer, name, bare);
      const value = refused ? times.whole("sampan", name) : times.added("sampan", name, bareCaseOf(stack));
      const note = refused ? version : `${version}, ${peerNotes[peer]}`;
      report({ case: name, subject: peer, metric, value: theirs, unit: "ns/call", note });
      report({ case: name, subject: "sampan", metric, value, unit: "ns/call", peer, ratio: value / theirs });
    }
  }
}

function bareCaseOf({ side, batched }: StackCase): string {
  return batched === true ? bareOf.batched : bareOf[side];
}
