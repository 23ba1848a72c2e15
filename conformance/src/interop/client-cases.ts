import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { type Call, Code, Metadata, type Method, methods, RpcError } from "@sampan/core";
import { TestService } from "../gen/interop_pb.js";
import { RequestStream } from "../runner/request-stream.js";
import { orcaOob, orcaPerRpc } from "./load-report-cases.js";
import { echoedInitial, echoedTrailing } from "./test-service.js";

export type Case = (call: Call) => Promise<void>;

const requestSizes = [27_182, 8, 1828, 45_904];
const responseSizes = [31_415, 9, 2653, 58_979];
const specialMessage = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const initialValue = "test_initial_metadata_value";
const trailingValue = Uint8Array.of(0xab, 0xab, 0xab);

/** What an interoperability client does, by name (grpc/grpc `doc/interop-test-descriptions.md`). */
export const clientCases: Readonly<Record<string, Case>> = {
  async empty_unary(call) {
    await call.to(TestService).emptyCall({});
  },

  async large_unary(call) {
    await largeUnary(call);
  },

  async client_streaming(call) {
    async function* requests(): AsyncGenerator<object> {
      for (const size of requestSizes) yield payload(size);
    }
    const { aggregatedPayloadSize } = await call.to(TestService).streamingInputCall(requests());
    assert.equal(aggregatedPayloadSize, 74_922);
  },

  async server_streaming(call) {
    const responseParameters = responseSizes.map((size) => ({ size }));
    const sizes: number[] = [];
    for await (const { payload } of call.to(TestService).streamingOutputCall({ responseParameters })) {
      sizes.push(payload?.body.length ?? 0);
    }
    assert.deepEqual(sizes, responseSizes);
  },

  async ping_pong(call) {
    const talk = new RequestStream();
    const answers = call.to(TestService).fullDuplexCall(talk);
    for (const [i, size] of responseSizes.entries()) {
      talk.say({ responseParameters: [{ size }], ...payload(requestSizes[i] as number) });
      assert.equal((await answers.next()).value?.payload?.body.length, size);
    }
    talk.end();
    assert.equal((await answers.next()).done, true);
  },

  async empty_stream(call) {
    const talk = new RequestStream();
    talk.end();
    assert.equal((await call.to(TestService).fullDuplexCall(talk).next()).done, true);
  },

  async timeout_on_sleeping_server(call) {
    const talk = new RequestStream();
    talk.say(payload(27_182));
    const answers = call.to(TestService).fullDuplexCall(talk, { timeoutMs: 5 });
    await fails(answers.next(), Code.DeadlineExceeded);
  },

  async cancel_after_begin(call) {
    const child = call.runtime.root({ name: "cancel_after_begin" });
    const metadata = Metadata.of({ [echoedInitial]: initialValue, [echoedTrailing]: trailingValue });
    const answer = child.to(TestService).streamingInputCall(new RequestStream(), { metadata });
    await sleep(10);
    child.abort();
    await fails(answer, Code.Canceled);
  },

  async cancel_after_first_response(call) {
    const child = call.runtime.root({ name: "cancel_after_first_response" });
    const talk = new RequestStream();
    const answers = child.to(TestService).fullDuplexCall(talk);
    talk.say({ responseParameters: [{ size: 31_415 }], ...payload(27_182) });
    await answers.next();
    child.abort();
    await fails(answers.next(), Code.Canceled);
  },

  async status_code_and_message(call) {
    const responseStatus = { code: Code.Unknown, message: "test status message" };
    const unary = await fails(call.to(TestService).unaryCall({ responseStatus }), Code.Unknown);
    const talk = new RequestStream();
    talk.say({ responseStatus });
    const duplex = await fails(call.to(TestService).fullDuplexCall(talk).next(), Code.Unknown);
    assert.deepEqual([unary.message, duplex.message], [responseStatus.message, responseStatus.message]);
  },

  async special_status_message(call) {
    const responseStatus = { code: Code.Unknown, message: specialMessage };
    assert.equal(
      (await fails(call.to(TestService).unaryCall({ responseStatus }), Code.Unknown)).message,
      specialMessage,
    );
  },

  async custom_metadata(call) {
    const metadata = Metadata.of({ [echoedInitial]: initialValue, [echoedTrailing]: trailingValue });
    let checked = 0;
    const options = {
      metadata,
      onHeaders: (headers: Metadata) => {
        assert.deepEqual(headers.getAll(echoedInitial), [initialValue]);
        checked++;
      },
      onTrailers: (trailers: Metadata) => {
        assert.deepEqual(trailers.getAll(echoedTrailing), [trailingValue]);
        checked++;
      },
    };
    await largeUnary(call, options);
    const talk = new RequestStream();
    const answers = call.to(TestService).fullDuplexCall(talk, options);
    talk.say({ responseParameters: [{ size: 1 }], ...payload(1) });
    await answers.next();
    talk.end();
    assert.equal((await answers.next()).done, true);
    assert.equal(checked, 4);
  },

  async unimplemented_method(call) {
    await fails(invoke(call, renamed({ name: "UnimplementedCall" })), Code.Unimplemented);
  },

  async unimplemented_service(call) {
    await fails(invoke(call, renamed({ service: "grpc.testing.UnimplementedService" })), Code.Unimplemented);
  },

  orca_per_rpc: orcaPerRpc,
  orca_oob: orcaOob,
};

/** Also what a soak repeats. */
export async function largeUnary(call: Call, options = {}): Promise<void> {
  const answer = await call.to(TestService).unaryCall({ responseSize: 314_159, ...payload(271_828) }, options);
  assert.equal(answer.payload?.body.length, 314_159);
}

function payload(size: number): { payload: { body: Uint8Array } } {
  return { payload: { body: new Uint8Array(size) } };
}

async function fails(result: Promise<unknown>, code: Code): Promise<RpcError> {
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RpcError, `${error} is no RpcError`);
  assert.equal(error.code, code, `${error}`);
  return error;
}

/** The method of an empty call under another name: a contract cannot name what it leaves out. */
function renamed(names: { name?: string; service?: string }): Method {
  const empty = methods(TestService as DescService).find(({ name }) => name === "EmptyCall") as Method;
  const { name = "UnimplementedCall", service = empty.service } = names;
  return { ...empty, name, service, path: `/${service}/${name}` };
}

function invoke(call: Call, method: Method): Promise<unknown> {
  return call.runtime.start(call, method, {}) as Promise<unknown>;
}
