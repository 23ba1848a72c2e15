import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, Code, RpcError, Runtime } from "@sampan/core";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import { TestService } from "../gen/interop_pb.js";
import { certificate } from "../tls/certificate.js";
import type { Counts } from "./protocol.js";

/**
 * Workers of each kind at once, and how long each rests between two turns. Unary calls are the many, because a leak is
 * measured a call; the others are what leaks hide in.
 */
const workers = { unary: 60, streams: 2, cancelled: 2, slow: 2, connects: 1 } as const;
const restMs = { unary: 0, streams: 2, cancelled: 25, slow: 25, connects: 10 } as const;

type Kind = keyof typeof workers;

const secure: GrpcOptions = { tls: { client: { certificates: { ca: certificate }, serverName: "localhost" } } };

/** Calls of every kind, on a channel that stays and on channels that come and go. */
export class Load {
  private readonly runtime: Runtime;
  /** Has small windows, so that a server that writes to it is soon stopped. */
  private readonly narrow: Runtime;
  private readonly addresses: { readonly plain: string; readonly tls: string };
  private visits = 0;
  private readonly kinds: Readonly<Record<Kind, () => Promise<void>>> = {
    unary: () => this.unary(),
    streams: () => this.stream(),
    cancelled: () => this.cancel(),
    slow: () => this.readSlowly(),
    connects: () => this.connect(),
  };

  constructor(plain: string, tls: string) {
    this.addresses = { plain, tls };
    const channel = grpcTransport().connect(plain);
    this.runtime = new Runtime({ name: "leak-client", connect: () => channel });
    const windows = { streamWindow: 32_768, connectionWindow: 65_535 };
    const slow = grpcTransport({ connection: windows }).connect(plain);
    this.narrow = new Runtime({ name: "leak-client", connect: () => slow });
  }

  /** So many turns of each kind; everything that was started has ended when it resolves. */
  async run(turns: Counts): Promise<void> {
    const left = { ...turns };
    const worker = async (kind: Kind): Promise<void> => {
      while (left[kind] > 0) {
        left[kind]--;
        await this.kinds[kind]();
        if (restMs[kind] > 0) await sleep(restMs[kind]);
      }
    };
    const kinds = Object.keys(workers) as Kind[];
    await Promise.all(kinds.flatMap((kind) => Array.from({ length: workers[kind] }, () => worker(kind))));
  }

  private async unary(): Promise<void> {
    await this.runtime.run({ name: "leak" }, (call) => call.to(TestService).unaryCall({ responseSize: 32 }));
  }

  private async stream(): Promise<void> {
    async function* requests(): AsyncGenerator<object> {
      for (let i = 0; i < 3; i++)
        yield { responseParameters: [{ size: 100 }, { size: 2000 }], payload: { body: new Uint8Array(500) } };
    }
    await this.runtime.run({ name: "leak" }, async (call) => {
      let got = 0;
      for await (const { payload } of call.to(TestService).fullDuplexCall(requests())) got += payload?.body.length ?? 0;
      assert.equal(got, 6300);
    });
  }

  /** In the middle of a response: RST_STREAM. Slower than the server's limit for resets. */
  private async cancel(): Promise<void> {
    const call = this.runtime.root({ name: "leak" });
    const answers = this.large(call, 3);
    await answers.next();
    call.abort();
    await expectCancelled(answers.next());
  }

  /** More than the windows hold, read late and then given up. */
  private async readSlowly(): Promise<void> {
    const call = this.narrow.root({ name: "leak" });
    const answers = this.large(call, 20);
    await answers.next();
    await sleep(50);
    await answers.next();
    call.abort();
    await expectCancelled(answers.next());
  }

  /** A new channel for one call; every fourth over TLS. */
  private async connect(): Promise<void> {
    const tls = this.visits++ % 4 === 0;
    const transport = grpcTransport(tls ? secure : {});
    const channel = transport.connect(tls ? this.addresses.tls : this.addresses.plain);
    // A runtime's own deadlines would keep a timer for as long as its first call could have lasted.
    const { deadlines } = this.runtime;
    const runtime = new Runtime({ name: "leak-visitor", connect: () => channel, deadlines });
    await runtime.run({ name: "leak" }, (call) => call.to(TestService).emptyCall({}));
    await transport.close();
  }

  private large(call: Call, messages: number): AsyncIterableIterator<unknown> {
    const responseParameters = Array.from({ length: messages }, () => ({ size: 30_000 }));
    return call.to(TestService).streamingOutputCall({ responseParameters });
  }
}

async function expectCancelled(result: Promise<unknown>): Promise<void> {
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RpcError && error.code === Code.Canceled, `${error}`);
}
