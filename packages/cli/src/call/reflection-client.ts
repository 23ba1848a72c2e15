import type { FileRegistry } from "@bufbuild/protobuf";
import { type Call, Code, RpcError } from "@sampan/core";
import {
  ServerReflection as ReflectionV1,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ReflectionV1Alpha } from "@sampan/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { CommandError } from "../command/command-error.js";
import { DescriptorFiles, type DescriptorLimits, defaultDescriptorLimits } from "./descriptor-files.js";
import { printable } from "./printable.js";

type Question = ServerReflectionRequest["messageRequest"];
type Answer = ServerReflectionResponse["messageResponse"];

/**
 * Asks a server what it serves: `grpc.reflection.v1`, or `v1alpha` where that is all there is. Throws `RpcError` when
 * the server cannot be asked, and `CommandError` when its answers cannot be used.
 */
export class ReflectionClient {
  readonly #root: Call;
  readonly #limits: DescriptorLimits;
  readonly #files: DescriptorFiles;
  #version: typeof ReflectionV1 | undefined;

  /** All questions together take no longer than `root`. */
  constructor(root: Call, limits: DescriptorLimits = defaultDescriptorLimits) {
    this.#root = root;
    this.#limits = limits;
    this.#files = new DescriptorFiles(limits);
  }

  /** Full names, sorted, without reflection itself. */
  async services(): Promise<readonly string[]> {
    const answer = await this.#ask({ case: "listServices", value: "*" });
    if (answer.case !== "listServicesResponse") throw unanswered("a list of its services", answer);
    const { service } = answer.value;
    if (service.length > this.#limits.files)
      throw new CommandError(`the target lists more than ${this.#limits.files} services`, "check what listens there");
    const names = service.map(({ name }) => name).filter((name) => /^[A-Za-z_][\w.]{0,511}$/.test(name));
    return [...new Set(names)].filter((name) => !name.startsWith("grpc.reflection.")).sort();
  }

  /** Everything that is known when the file with this symbol is; undefined when the server does not have it. */
  async describe(symbol: string): Promise<FileRegistry | undefined> {
    const answer = await this.#ask({ case: "fileContainingSymbol", value: symbol });
    if (answer.case === "errorResponse" && answer.value.errorCode === Code.NotFound) return undefined;
    this.#add(answer, `the file with ${symbol}`);
    // Most servers send what a file imports along with it; the others are asked.
    for (let missing = this.#files.missing(); missing.length > 0; missing = this.#files.missing()) {
      for (const name of missing) {
        if (this.#files.has(name)) continue;
        this.#add(await this.#ask({ case: "fileByFilename", value: name }), name);
        if (!this.#files.has(name)) throw new CommandError(`the target sent another file than ${name}`);
      }
    }
    return this.#files.registry();
  }

  #add(answer: Answer, what: string): void {
    if (answer.case !== "fileDescriptorResponse") throw unanswered(what, answer);
    for (const file of answer.value.fileDescriptorProto) this.#files.add(file);
  }

  async #ask(question: Question): Promise<Answer> {
    if (this.#version !== undefined) return this.#askOf(this.#version, question);
    try {
      const answer = await this.#askOf(ReflectionV1, question);
      this.#version = ReflectionV1;
      return answer;
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
    }
    // The two differ in their package only.
    const older = ReflectionV1Alpha as unknown as typeof ReflectionV1;
    try {
      const answer = await this.#askOf(older, question);
      this.#version = older;
      return answer;
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      throw new CommandError(
        "the target has no reflection, so nobody knows what its methods take",
        "turn gRPC server reflection on there (grpc.reflection.v1 or v1alpha)",
      );
    }
  }

  async #askOf(version: typeof ReflectionV1, question: Question): Promise<Answer> {
    const answers = this.#root.to(version).serverReflectionInfo(one({ messageRequest: question }));
    const reader = answers[Symbol.asyncIterator]();
    const first = await reader.next();
    if (first.done === true) throw new CommandError("the target's reflection answers nothing");
    // A server that has said its one thing ends; any other is left.
    if ((await reader.next()).done !== true) await reader.return?.();
    return first.value.messageResponse;
  }
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function isUnimplemented(error: unknown): boolean {
  return error instanceof RpcError && error.code === Code.Unimplemented;
}

function unanswered(what: string, answer: Answer): CommandError {
  const why = answer.case === "errorResponse" ? answer.value.errorMessage : "it answered something else";
  return new CommandError(`the target does not give ${what}: ${printable(why)}`);
}
