import { describe } from "node:test";
import { backPressure } from "./back-pressure.js";
import { callTree } from "./call-tree.js";
import { cancelling } from "./cancelling.js";
import { context } from "./context.js";
import { deadlines } from "./deadlines.js";
import { errors } from "./errors.js";
import { halfClose } from "./half-close.js";
import { kinds } from "./kinds.js";
import { lifecycle } from "./lifecycle.js";
import { load } from "./load.js";
import { messages } from "./messages.js";
import { metadata } from "./metadata.js";
import type { TransportFactory, TransportTraits } from "./subject.js";

/**
 * What every transport must do, as `node:test` suites:
 *
 *     transportContract("memory", ({ maxMessageBytes }) => {
 *       const transport = memoryTransport({ verify: true, maxMessageBytes });
 *       return { server: transport, client: transport };
 *     });
 *
 * The factory is asked for a fresh subject in each test. No test sleeps: deadlines run on a clock that stands still, and
 * what needs I/O to happen is waited for.
 */
export function transportContract(name: string, factory: TransportFactory, traits: TransportTraits = {}): void {
  describe(`transport ${name}`, () => {
    describe("call kinds", () => kinds(factory));
    describe("messages", () => messages(factory, traits));
    describe("errors", () => errors(factory));
    describe("metadata", () => metadata(factory));
    describe("deadlines", () => deadlines(factory));
    describe("cancelling", () => cancelling(factory));
    describe("back-pressure", () => backPressure(factory, traits));
    describe("half-close", () => halfClose(factory));
    describe("lifecycle", () => lifecycle(factory));
    describe("context", () => context(factory));
    describe("call tree", () => callTree(factory));
    describe("load", () => load(factory));
  });
}
