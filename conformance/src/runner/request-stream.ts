/** A request stream that is spoken into. What is said waits until it is pulled; `pulled` counts what was. */
export class RequestStream implements AsyncIterable<object> {
  pulled = 0;
  private readonly said: object[] = [];
  private over = false;
  private heard: (() => void) | undefined;

  say(message: object): void {
    this.said.push(message);
    this.heard?.();
  }

  end(): void {
    this.over = true;
    this.heard?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object> {
    for (;;) {
      for (let message = this.said.shift(); message !== undefined; message = this.said.shift()) {
        this.pulled++;
        yield message;
      }
      if (this.over) return;
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }
}
