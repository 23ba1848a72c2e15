/**
 * A process of its own: `node mtls-program.fixture.js <JSON>`. It serves the echo contract, whose answer is who called, and
 * a registry; or, with `calls`, calls echo once and prints what came of it.
 */
import { codeName, RpcError } from "@sampan/core";
import { memoryBoard } from "@sampan/discovery";
import { EchoService } from "@sampan/testkit";
import { echo, noSettings } from "../echo.fixture.js";
import { isEntry } from "../entry.js";
import { RegistryBook } from "../remote-registry/registry-book.js";
import { registryService } from "../remote-registry/registry-service.js";
import { run } from "../run.js";
import { type BuildContext, service } from "../service.js";

interface Options {
  readonly name: string;
  readonly settings: Record<string, Record<string, unknown>>;
  readonly calls?: boolean;
}

if (isEntry(import.meta)) {
  const { name, settings, calls = false } = JSON.parse(process.argv[2] as string) as Options;
  const answering = echo((_, call) => ({ text: call.peer.identity }));
  const build = ({ clock }: BuildContext<unknown>) =>
    calls ? {} : { serves: [answering, registryService(new RegistryBook({ clock }), memoryBoard(clock))] };
  const set = {
    ...settings,
    certificates: { servers: ["sampan.test.*=echo", "sampan.registry.*=supervisor"], ...settings.certificates },
  };
  try {
    const running = await run(service({ name, settings: noSettings, needs: {}, build }), {
      sources: { argv: [], env: {}, folder: "none", set },
    });
    if (calls) {
      const result = await running
        .runtime(name)
        .run({ name: "test", timeoutMs: 20_000 }, (call) =>
          call.to(EchoService, { waitForReady: false }).unary({ text: "who" }),
        )
        .catch((thrown: unknown) => thrown);
      const error = result instanceof RpcError ? result : undefined;
      const said =
        error === undefined
          ? { text: (result as { text: string }).text }
          : { code: codeName(error.code), message: error.message, reason: error.reason };
      process.stdout.write(`\nresult ${JSON.stringify(said)}\n`);
    }
  } catch (error) {
    process.stdout.write(`\nfailed ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
