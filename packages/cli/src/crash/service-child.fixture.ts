import { run, type ServiceModule } from "@sampan/app";
import { Code, type Layer, RpcError } from "@sampan/core";
import { Control } from "./control.fixture.js";

/** One service of a split platform, as its own main file runs it, with traps at its boundaries. */
const [, , name = "", folder = ""] = process.argv;
// What follows would be settings.
process.argv.splice(2);
const control = new Control(folder);

const refusing: Layer = (next, method) => {
  if (method.service !== "inventory.v1.InventoryService") return next;
  return (request, call) => {
    if (method.name !== control.trap().refuse) return next(request, call);
    throw new RpcError(Code.FailedPrecondition, `the test refuses ${method.name}`);
  };
};

const modules = (await import(`@sampan/${name}-service/main`)) as Readonly<Record<string, ServiceModule>>;
await run(modules[name] as ServiceModule, { layers: [refusing], sagaBoundary: (point) => control.reach(point) });
