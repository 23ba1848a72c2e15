import { type Call, RpcError, type SupervisedStream } from "@sampan/core";
import type { MessageCodec } from "../codec/message-codec.js";
import type { Answer } from "./answer.js";

/** Messages after which a handler that never waits gives way to the rest of the process (ours; about 1 ms). */
const burst = 256;

/**
 * Pulls a handler's responses and sends them, one at a time: the next is asked for when the engine takes more. Starts
 * at once, before anybody reads.
 */
export class ResponsePump {
  private readonly responses: SupervisedStream;
  private readonly call: Call;
  private readonly answer: Answer;
  private readonly codec: MessageCodec;
  private paused = false;
  private sent = 0;
  private readonly took: (result: IteratorResult<unknown>) => void;
  private readonly failed: (error: RpcError) => void;
  private readonly pull: () => void;

  constructor(responses: SupervisedStream, call: Call, answer: Answer, codec: MessageCodec) {
    this.responses = responses;
    this.call = call;
    this.answer = answer;
    this.codec = codec;
    this.took = (result) => this.onResult(result);
    this.failed = (error) => this.answer.fail(error, this.call);
    this.pull = () => this.responses.pull(this.took, this.failed);
    // A pump that waits for its reader would not learn of the end by itself.
    call.onAbort(() => this.resume());
    this.pull();
  }

  /** The engine takes more. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.pull();
  }

  private onResult(result: IteratorResult<unknown>): void {
    try {
      if (result.done === true) {
        // An aborted call also ends its iterator; its error was thrown to the pull that waited, or is told here.
        if (this.call.aborted) this.answer.fail(this.call.error as RpcError, this.call);
        else this.answer.end(this.call);
        return;
      }
      if (!this.answer.message(this.call, this.codec, result.value as object)) {
        this.paused = true;
        return;
      }
    } catch (thrown) {
      this.call.log.error("a response could not be sent", { error: thrown });
      const error = RpcError.from(thrown);
      this.call.abort(error);
      this.answer.fail(error, this.call);
      return;
    }
    if (++this.sent % burst === 0) setImmediate(this.pull);
    else this.pull();
  }
}
