import { existsSync } from "node:fs";
import { openTarget, targetHelp, targetOptions } from "../client/target.js";
import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";
import { integerOption, readOptions } from "../command/options.js";
import { planReplay } from "../replay/plan.js";
import { readLines } from "../replay/read-lines.js";
import { replayPlan } from "../replay/replay.js";
import { report } from "../replay/report.js";
import { currency } from "../replay/shop.js";
import { sumsFromFile } from "../replay/sums-from-file.js";

const help = `sampan replay --file <orders.csv>: sends real order lines through the gateway, and checks the ledger to the penny

  --file <path>         lines with InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID
  --concurrency <n>     orders at a time (default 16)
  --rejected            list every line that was rejected
${targetHelp}
  --help

Every second order is paid from a wallet, the others through the platform. A platform that runs must take payments in
${currency} (--platform.standin-currencies CNY,${currency}).
The exit status is 0 when every order and refund went through and the ledger is exact.`;

export const replay: Command = {
  name: "replay",
  summary: "send a file of real orders through the gateway and check the ledger",
  help,
  async run(argv) {
    const { values } = readOptions("replay", argv, {
      ...targetOptions,
      file: { type: "string" },
      concurrency: { type: "string" },
      rejected: { type: "boolean" },
    });
    const { file } = values;
    if (file === undefined) throw new CommandError("which file?", "sampan replay --file orders.csv", 2);
    if (!existsSync(file)) throw new CommandError(`there is no file ${file}`, "", 2);
    const concurrency = integerOption("concurrency", values.concurrency, 16, 1, 1000);
    const plan = planReplay(await readLines(file));
    console.log(
      `${plan.orders.length} orders of ${plan.products.size} products, ${plan.refunds.length} refunds, ${plan.rejected.length} lines rejected`,
    );
    const target = await openTarget(values, { platform: { standinCurrencies: ["CNY", currency] } });
    try {
      const run = values.url === undefined ? "" : Date.now().toString(36);
      const outcome = await replayPlan({ target, plan, concurrency, run });
      const { text, exact } = report(plan, outcome, sumsFromFile(file));
      console.log(text);
      if (values.rejected === true) {
        for (const { line, reason } of plan.rejected)
          console.log(`line ${line.number}: ${line.invoice} ${line.stockCode}: ${reason}`);
      }
      return exact ? 0 : 1;
    } finally {
      await target.close();
    }
  },
};
