export { ClientSession, type Granted } from "./client-session.js";
export { type JsonAnswer, JsonClient, type JsonRequest } from "./json-client.js";
export { StandinClient } from "./standin-client.js";
export type { Target } from "./target.js";
