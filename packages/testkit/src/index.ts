export { type BrokerUnderTest, brokerContract } from "./broker-contract.js";
export { type ConfigTraits, type ConfigUnderTest, configContract } from "./config-contract.js";
export { createFakeClock, type FakeClock, settled } from "./fake-clock.js";
export { type Fault, type FaultOptions, type FaultRule, faults } from "./faults.js";
export { BatchedService } from "./gen/sampan/test/v1/batch_pb.js";
export {
  AbsentService,
  type EchoRequest,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
  EchoService,
  RelayService,
} from "./gen/sampan/test/v1/echo_pb.js";
export {
  BadItemsSchema,
  BadLengthSchema,
  BadlyRuledService,
  BadPatternSchema,
  BadRangeSchema,
  MisplacedItemsSchema,
  MisplacedPatternSchema,
  MisplacedRangeSchema,
  NestedSchema,
  type RuledRequest,
  RuledRequestSchema,
  RuledService,
  TreeSchema,
  WrapperSchema,
} from "./gen/sampan/test/v1/rules_pb.js";
export { type InMemory, serveInMemory } from "./in-memory.js";
export { type KeyValueUnderTest, keyValueContract } from "./key-value-contract.js";
export { type LogLine, logTo } from "./log-to.js";
export {
  contractInstance,
  type RegistryTraits,
  type RegistryUnderTest,
  registryContract,
} from "./registry-contract.js";
export { seededRandom } from "./seeded-random.js";
export { transportContract } from "./transport-contract/index.js";
export type {
  SubjectOptions,
  TransportFactory,
  TransportSubject,
  TransportTraits,
} from "./transport-contract/subject.js";
export { type WatchedInstances, watched } from "./watched-instances.js";
