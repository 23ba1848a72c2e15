import { isEntry } from "./entry.js";

process.stdout.write(isEntry(import.meta) ? "entry" : "imported");
