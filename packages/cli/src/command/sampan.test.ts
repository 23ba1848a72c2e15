import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "./command.js";
import { CommandError } from "./command-error.js";
import { sampan } from "./sampan.js";

function stage() {
  const printed: string[] = [];
  const ran: (readonly string[])[] = [];
  const command = (name: string): Command => ({
    name,
    summary: `does ${name}`,
    help: `help of ${name}`,
    run: async (argv) => {
      ran.push([name, ...argv]);
      return 7;
    },
  });
  const commands = { up: async () => command("up"), journey: async () => command("journey") };
  return { printed, ran, run: (...argv: string[]) => sampan(commands, argv, (text) => printed.push(text)) };
}

test("a command gets what follows its name, and its status is the program's", async () => {
  const { ran, run } = stage();
  assert.equal(await run("up", "--port", "0"), 7);
  assert.deepEqual(ran, [["up", "--port", "0"]]);
});

test("help lists the commands, and a command's own is printed instead of running it", async () => {
  const { printed, ran, run } = stage();
  assert.equal(await run("--help"), 0);
  assert.match(printed.splice(0).join("\n"), /up +does up\n +journey +does journey/);
  assert.equal(await run("up", "--port", "0", "--help"), 0);
  assert.deepEqual([printed, ran], [["help of up"], []]);
});

test("without a command the list is printed, and the status says that nothing was done", async () => {
  const { printed, run } = stage();
  assert.equal(await run(), 2);
  assert.ok(printed.length > 0);
});

test("a command that does not exist is refused, with the one that was meant", async () => {
  const { run } = stage();
  const refused = (fix: RegExp) => (error: unknown) =>
    error instanceof CommandError && error.status === 2 && fix.test(error.fix);
  await assert.rejects(run("jorney"), refused(/did you mean journey\?/));
  await assert.rejects(run("constructor"), refused(/use one of up, journey/));
});
