export { KeyValueErrors, type MemoryKeyValueOptions, memoryKeyValue } from "./key-value.js";
export { type MemoryTransportOptions, memoryTransport } from "./memory-transport.js";
