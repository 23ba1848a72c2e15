import { Dispatcher, Runtime } from "@sampan/core";
import { memoryKeyValue, memoryTransport } from "@sampan/core/memory";
import { createFakeClock, keyValueContract } from "@sampan/testkit";
import { keyValueService } from "./key-value-service.js";
import { remoteKeyValue } from "./remote-key-value.js";

/** The store of one process, used from another through calls that are encoded and decoded. */
keyValueContract("the key-value store of another process", async () => {
  const clock = createFakeClock();
  const transport = memoryTransport({ verify: true });
  const connect = () => transport.connect("memory");
  const held = memoryKeyValue({ clock });
  await transport.listen(new Dispatcher(new Runtime({ name: "supervisor", clock, connect }), [keyValueService(held)]));
  const store = remoteKeyValue(new Runtime({ name: "order", clock, connect }));
  return {
    store,
    passTime: (ms) => clock.advance(ms),
    async dispose() {
      await store.close();
      await held.close();
      await transport.close();
    },
  };
});
