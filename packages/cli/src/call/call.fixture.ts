import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, Dispatcher, detail, type Implementation, implement, RpcError, Runtime } from "@sampan/core";
import type { Listener } from "@sampan/core/ports";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { EchoService } from "@sampan/testkit";
import { CommandError } from "../command/command-error.js";
import { type CallIo, runCall } from "./run-call.js";

/** How a command ended. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A person at the terminal, whose hands a test has. */
export class Terminal implements CallIo {
  readonly input: PassThrough = new PassThrough();
  out = "";
  err = "";
  interrupt: () => void = () => {};
  #waiting: { readonly part: string; readonly seen: () => void }[] = [];

  print(text: string): void {
    this.out += `${text}\n`;
    for (const { part, seen } of this.#waiting) if (this.out.includes(part)) seen();
  }

  warn(text: string): void {
    this.err += `${text}\n`;
  }

  onInterrupt(interrupted: () => void): () => void {
    this.interrupt = interrupted;
    return () => {
      this.interrupt = () => {};
    };
  }

  /** Resolves when this was printed. */
  printed(part: string): Promise<void> {
    if (this.out.includes(part)) return Promise.resolve();
    return new Promise((seen) => this.#waiting.push({ part, seen }));
  }

  /** As `main` does it: what a person can put right is printed. */
  async run(...argv: string[]): Promise<Ran> {
    try {
      const status = await runCall(argv, this);
      return { status, out: this.out, err: this.err };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { status: error.status, out: this.out, err: `${this.err}sampan: ${error.message}\n${error.fix}\n` };
    }
  }
}

const echoing: Implementation<typeof EchoService> = {
  unary({ text, number, body }, call) {
    for (const [name, value] of call.metadata) if (name.startsWith("x-")) call.responseHeaders.append(name, value);
    if (call.user !== undefined) call.responseHeaders.append("x-user", `${call.user.subject} ${call.user.roles}`);
    call.responseTrailers.append("x-tenant", call.tenant);
    if (text === "refuse") {
      const field = { field: "text", description: "not this one" };
      const details = [detail(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [field] }))];
      throw new RpcError(Code.InvalidArgument, "no \u001b[31mrefuse", { details });
    }
    return { text, number, body };
  },
  async collect(requests) {
    let number = 0n;
    for await (const _ of requests) number++;
    return { number };
  },
  async *produce({ text, number }, call) {
    for (let i = 0n; i < number; i++) yield { text, number: i };
    if (text === "hang") await new Promise((resolve) => call.onSettle(resolve));
  },
  async *chat(requests) {
    for await (const { text } of requests) yield { text: `${text}!` };
  },
};

/** A gRPC server with all four kinds; closed when the test ends. */
export async function serveEcho(t: TestContext, options: GrpcOptions = {}): Promise<Listener> {
  return serve(t, [implement(EchoService, echoing)], options);
}

export async function serve(
  t: TestContext,
  services: readonly ReturnType<typeof implement>[],
  options: GrpcOptions = {},
): Promise<Listener> {
  const transport = grpcTransport(options);
  t.after(() => transport.close());
  const runtime = new Runtime({
    name: "served",
    connect() {
      throw new Error("it calls nobody");
    },
  });
  return transport.listen(new Dispatcher(runtime, services));
}
