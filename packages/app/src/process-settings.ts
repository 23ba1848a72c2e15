import {
  boolean,
  bytes,
  choice,
  duration,
  integer,
  list,
  type Settings,
  type SettingsOf,
  settings,
  text,
} from "@sampan/config";
import { discoveryFields } from "./discovery/process-fields.js";
import { workersSetting } from "./workers/worker-setting.js";

/** What a process can be told, whatever services it runs. */
const fields = {
  data: text({ default: ".sampan", doc: "the folder that embedded engines keep their files in" }),
  logLevel: choice(["debug", "info", "warn", "error"], {
    default: "info",
    live: true,
    doc: "the least important lines to log",
  }),
  logFormat: choice(["json", "pretty"], { default: "json", doc: "JSON lines, or lines for a terminal" }),
  drainTimeout: duration({ default: "10s", min: "0s", max: "10m", doc: "how long a stop waits for work in hand" }),
  defaultTimeout: duration({ default: "10s", min: "1ms", max: "1h", doc: "the deadline of calls that have none" }),
  adminHost: text({ default: "127.0.0.1", doc: "where the admin port listens" }),
  adminPort: integer({
    default: 0,
    min: -1,
    max: 65_535,
    doc: "health, metrics and traces; 0 picks a free port, -1 is off",
  }),
  traces: integer({ default: 10_000, min: 1, max: 1_000_000, doc: "finished spans kept in memory" }),
  listen: text({
    default: "",
    doc: "where other processes reach this one's services, such as 127.0.0.1:9000 or unix:/run/order; empty: nowhere",
  }),
  targets: list(text({ pattern: /^[a-zA-Z0-9_.]+=.+$/ }), {
    default: [],
    doc: "where services of other processes listen, such as order.v1.OrderService=dns:///order:9000",
  }),
  ...discoveryFields,
  tenants: list(text({ pattern: /^(\*|[a-z0-9][a-z0-9._-]{0,127})$/ }), {
    default: ["default"],
    doc: "the tenants whose data is kept here; calls for others are refused, * lets every one in",
  }),
  supervised: boolean({ default: false, doc: "tell the parent process of each state, and stop when it is gone" }),
  workers: workersSetting,
  workerStarts: integer({
    default: 5,
    min: 1,
    max: 1000,
    doc: "a worker that ends so often in a row before it is ready ends the service",
  }),
  workerReportTimeout: duration({
    default: "1s",
    min: "10ms",
    max: "1m",
    doc: "how long the admin port waits for a worker's metrics and traces",
  }),
  workerReportLimit: bytes({
    default: "4MB",
    min: "1KB",
    max: "256MB",
    doc: "a worker's metrics or traces that are larger are left out",
  }),
  verifyMessages: boolean({ default: false, doc: "encode and decode every message between services of one process" }),
};

export const ProcessSettings: Settings<typeof fields> = settings(fields);
export type ProcessSettings = SettingsOf<typeof ProcessSettings>;
