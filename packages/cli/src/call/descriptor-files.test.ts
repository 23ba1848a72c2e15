import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Health } from "@sampan/protos/grpc/health/v1/health_pb.js";
import { CommandError } from "../command/command-error.js";
import { DescriptorFiles, type DescriptorLimits, defaultDescriptorLimits } from "./descriptor-files.js";

type File = MessageInitShape<typeof FileDescriptorProtoSchema>;

function file(init: File): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, { syntax: "proto3", ...init }));
}

function filled(limits: Partial<DescriptorLimits>, ...files: readonly File[]): DescriptorFiles {
  const found = new DescriptorFiles({ ...defaultDescriptorLimits, ...limits });
  for (const each of files) found.add(file(each));
  return found;
}

const refused = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CommandError, String(error));
  assert.match(error.message, why);
  return true;
};

const message = (name: string, more: object = {}) => ({ name, ...more });
const imports = (name: string, ...dependency: string[]): File => ({ name, dependency });

test("files in any order become one registry, with google/protobuf from here", () => {
  const field = { name: "at", number: 1, label: 1, type: 11, typeName: ".google.protobuf.Timestamp", jsonName: "at" };
  const found = filled(
    {},
    { name: "b.proto", package: "b", dependency: ["a.proto"], messageType: [message("B")] },
    {
      name: "a.proto",
      package: "a",
      dependency: ["google/protobuf/timestamp.proto"],
      messageType: [message("A", { field: [field] })],
    },
  );
  assert.deepEqual(found.missing(), []);
  const registry = found.registry();
  assert.deepEqual(registry.getMessage("a.A")?.fields[0]?.message?.typeName, "google.protobuf.Timestamp");
  assert.ok(registry.getMessage("b.B"));
});

test("imports that have not come are named", () => {
  const found = filled({}, imports("a.proto", "b.proto", "google/protobuf/any.proto", "c.proto"));
  assert.deepEqual(found.missing(), ["b.proto", "c.proto"]);
  assert.throws(() => found.registry(), refused(/a\.proto imports b\.proto, which the server does not have/));
});

test("each limit holds to the last one that is allowed, and refuses the next", () => {
  const three: readonly File[] = ["a", "b", "c"].map((name) => ({
    name: `${name}.proto`,
    messageType: [message(name)],
  }));
  filled({ files: 3 }, ...three);
  assert.throws(() => filled({ files: 2 }, ...three), refused(/more than 2 files/));
  filled({ definitions: 3 }, ...three);
  assert.throws(() => filled({ definitions: 2 }, ...three), refused(/more than 2 names/));
  const octets = three.reduce((sum, each) => sum + file(each).length, 0);
  filled({ octets }, ...three);
  assert.throws(() => filled({ octets: octets - 1 }, ...three), refused(/octets/));
  const nested = (depth: number): object => message("M", depth === 1 ? {} : { nestedType: [nested(depth - 1)] });
  filled({ nesting: 5 }, { name: "n.proto", messageType: [nested(5)] });
  assert.throws(
    () => filled({ nesting: 4 }, { name: "n.proto", messageType: [nested(5)] }),
    refused(/nested deeper than 4/),
  );
  filled({ nameLength: 9 }, { name: "n.proto", messageType: [message("M".repeat(9))] });
  assert.throws(
    () => filled({ nameLength: 9 }, { name: "n.proto", messageType: [message("M".repeat(10))] }),
    refused(/is no name/),
  );
});

test("imports that go round are refused, and a long chain of them is not", () => {
  const round = filled({}, imports("a.proto", "b.proto"), imports("b.proto", "c.proto"), imports("c.proto", "a.proto"));
  assert.throws(() => round.registry(), refused(/imports a\.proto, which imports it/));
  assert.throws(() => filled({}, imports("a.proto", "a.proto")).registry(), refused(/a\.proto imports a\.proto/));
  const chain = Array.from({ length: 1999 }, (_, i) => imports(`${i}.proto`, `${i + 1}.proto`));
  filled({}, ...chain, imports("1999.proto")).registry();
  // Each imports all that follow: as many ways as there are sets of files.
  const fan = Array.from({ length: 100 }, (_, i) =>
    imports(`${i}.proto`, ...Array.from({ length: 99 - i }, (_, j) => `${i + j + 1}.proto`)),
  );
  filled({}, ...fan).registry();
});

test("names that are none are refused: they would reach objects and the terminal", () => {
  const wrong: readonly File[] = [
    { name: "x\u001b[31m.proto" },
    { name: "" },
    { name: "p.proto", package: "a..b" },
    { name: "m.proto", messageType: [message("A B")] },
    { name: "f.proto", messageType: [message("A", { field: [{ name: "x\n", number: 1 }] })] },
    { name: "j.proto", messageType: [message("A", { field: [{ name: "x", number: 1, jsonName: "__proto__" }] })] },
    { name: "j.proto", messageType: [message("A", { field: [{ name: "x", number: 1, jsonName: "\u0007" }] })] },
    { name: "e.proto", enumType: [{ name: "E", value: [{ name: "1", number: 0 }] }] },
    { name: "s.proto", service: [{ name: "S", method: [{ name: "M/N" }] }] },
  ];
  for (const each of wrong) assert.throws(() => filled({}, each), refused(/is no name/), JSON.stringify(each));
});

test("octets that are no file, and files that contradict themselves, are refused", () => {
  const nestedForEver = new Uint8Array(100_000).fill(0x22);
  for (const octets of [new Uint8Array([0xff]), nestedForEver]) {
    assert.throws(() => new DescriptorFiles().add(octets), refused(/cannot be decoded/));
  }
  const unknownType = { name: "x", number: 1, label: 1, type: 11, typeName: ".nowhere.T", jsonName: "x" };
  const found = filled({}, { name: "a.proto", messageType: [message("A", { field: [unknownType] })] });
  assert.throws(() => found.registry(), refused(/cannot be used/));
});

test("a file that comes again is taken once", () => {
  const found = new DescriptorFiles({ ...defaultDescriptorLimits, definitions: 30 });
  const health = toBinary(FileDescriptorProtoSchema, Health.file.proto);
  for (let i = 0; i < 30; i++) found.add(health);
  assert.ok(found.registry().getService(Health.typeName));
});
