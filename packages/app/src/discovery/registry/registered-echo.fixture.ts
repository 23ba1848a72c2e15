/** A process that answers with its name: `node registered-echo.fixture.js <name> <process.registry> <registry.ttl>`. */
import { alone, echo, noSettings } from "../../echo.fixture.js";
import { isEntry } from "../../entry.js";
import { run } from "../../run.js";
import { service } from "../../service.js";

if (isEntry(import.meta)) {
  const [, , name = "", registry = "", ttl = ""] = process.argv;
  const build = () => ({ serves: [echo(() => ({ text: name }))] });
  const settings = { process: { registry, instance: name, listen: "127.0.0.1:0" }, registry: { ttl } };
  await run(service({ name: "shop", settings: noSettings, needs: {}, build }), { ...alone(settings), signals: true });
  process.stdout.write("is ready\n");
}
