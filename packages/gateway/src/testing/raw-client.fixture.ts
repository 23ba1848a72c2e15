import { connect, type Socket } from "node:net";

/** A connection that sends what no decent client would. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything received until the server closed the connection. */
  readonly received: Promise<string>;
  write(text: string | Buffer): void;
  /** Resolves when what was received contains the text. */
  until(text: string): Promise<string>;
}

export function rawClient(port: number): RawClient {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    wake();
  });
  const received = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  void received.then(wake);
  return {
    socket,
    received,
    write: (data) => void socket.write(data),
    async until(wanted) {
      while (!text.includes(wanted) && !socket.closed)
        await new Promise<void>((resolve) => (waiting = [...waiting, resolve]));
      return text;
    },
  };
}
