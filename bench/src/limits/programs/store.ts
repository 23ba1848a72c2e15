/** The key-value store of a process of its own, served at the unix socket that argument 1 names. Prints `{}` when it listens. */
import { keyValueService } from "@sampan/app";
import { Dispatcher, Runtime } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import { grpcTransport } from "@sampan/grpc";

const runtime = new Runtime({
  name: "store",
  connect: () => {
    throw new Error("this server calls nobody");
  },
});
const transport = grpcTransport({ address: `unix:${process.argv[2]}` });
await transport.listen(new Dispatcher(runtime, [keyValueService(memoryKeyValue())]));
console.log("{}");
