import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescService,
  type MessageInitShape,
  setExtension,
} from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  MethodOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { http } from "@sampan/protos/google/api/annotations_pb.js";
import { HttpRuleSchema } from "@sampan/protos/google/api/http_pb.js";
import { file_google_api_httpbody } from "@sampan/protos/google/api/httpbody_pb.js";
import { Access, MethodRulesSchema, method as methodOption } from "@sampan/protos/sampan/v1/options_pb.js";

/** A method of a contract that a test makes up; input and output are `test.v1.Thing` unless it says otherwise. */
export interface TestMethod {
  readonly http?: MessageInitShape<typeof HttpRuleSchema>;
  readonly rules?: MessageInitShape<typeof MethodRulesSchema>;
  readonly input?: string;
  readonly output?: string;
  readonly serverStreaming?: boolean;
}

const imports = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  file_google_api_httpbody,
];

/** A contract without code generation: `test.v1.<service>` with a message that has a field of every kind. */
export function contractOf(methods: Readonly<Record<string, TestMethod>>, service = "ThingService"): DescService {
  const registry = createFileRegistry(
    create(FileDescriptorProtoSchema, {
      name: `test/v1/${service}.proto`,
      package: "test.v1",
      syntax: "proto3",
      dependency: imports.map((file) => `${file.name}.proto`),
      messageType: [thing(), inner(), nothing()],
      enumType: [
        {
          name: "Color",
          value: ["COLOR_UNSPECIFIED", "RED", "GREEN"].map((name, number) => ({ name, number })),
        },
      ],
      service: [
        {
          name: service,
          method: Object.entries(methods).map(([name, method]) => ({
            name,
            inputType: `.${method.input ?? "test.v1.Thing"}`,
            outputType: `.${method.output ?? "test.v1.Thing"}`,
            serverStreaming: method.serverStreaming ?? false,
            options: optionsOf(method),
          })),
        },
      ],
    }),
    (name) => imports.find((file) => `${file.name}.proto` === name),
  );
  return registry.getService(`test.v1.${service}`) as DescService;
}

/** `test.v1.Thing`, for tests of decoding alone. */
export function thingDesc(): DescMessage {
  return contractOf({}).file.messages.find((message) => message.name === "Thing") as DescMessage;
}

function optionsOf(method: TestMethod) {
  const options = create(MethodOptionsSchema);
  if (method.http !== undefined) setExtension(options, http, create(HttpRuleSchema, method.http));
  setExtension(options, methodOption, create(MethodRulesSchema, { access: Access.PUBLIC, ...method.rules }));
  return options;
}

function field(
  name: string,
  number: number,
  type: Type | string,
  extra: MessageInitShape<typeof FieldDescriptorProtoSchema> = {},
): FieldDescriptorProto {
  const isMessage = typeof type === "string";
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    jsonName: name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    label: Label.OPTIONAL,
    type: isMessage ? (type === "test.v1.Color" ? Type.ENUM : Type.MESSAGE) : type,
    ...(isMessage ? { typeName: `.${type}` } : {}),
    ...(extra as object),
  });
}

const repeated = { label: Label.REPEATED };
const choice = { oneofIndex: 0 };

function thing(): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name: "Thing",
    oneofDecl: [{ name: "choice" }],
    nestedType: [
      mapEntry("LabelsEntry", Type.STRING, Type.STRING),
      mapEntry("InnersByKeyEntry", Type.INT32, "test.v1.Inner"),
    ],
    field: [
      field("name", 1, Type.STRING),
      field("count", 2, Type.INT32),
      field("big", 3, Type.INT64),
      field("flag", 4, Type.BOOL),
      field("ratio", 5, Type.DOUBLE),
      field("color", 6, "test.v1.Color"),
      field("blob", 7, Type.BYTES),
      field("tags", 8, Type.STRING, repeated),
      field("numbers", 9, Type.INT32, repeated),
      field("inner", 10, "test.v1.Inner"),
      field("inners", 11, "test.v1.Inner", repeated),
      field("labels", 12, "test.v1.Thing.LabelsEntry", repeated),
      field("inners_by_key", 13, "test.v1.Thing.InnersByKeyEntry", repeated),
      field("left_side", 14, Type.STRING, choice),
      field("right_side", 15, Type.INT32, choice),
      field("middle", 16, "test.v1.Inner", choice),
      field("at", 17, "google.protobuf.Timestamp"),
      field("wait", 18, "google.protobuf.Duration"),
      field("boxed", 19, "google.protobuf.Int64Value"),
      field("free", 20, "google.protobuf.Struct"),
      field("any", 21, "google.protobuf.Any"),
      field("idempotency_key", 22, Type.STRING),
      field("raw", 23, "google.api.HttpBody"),
      field("big_unsigned", 24, Type.UINT64),
      field("boxed_flag", 25, "google.protobuf.BoolValue"),
      field("small", 26, Type.UINT32),
      field("single", 27, Type.FLOAT),
    ],
  });
}

function inner(): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name: "Inner",
    field: [field("city", 1, Type.STRING), field("zip_code", 2, Type.INT64), field("deeper", 3, "test.v1.Inner")],
  });
}

function mapEntry(name: string, key: Type, value: Type | string): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name,
    field: [field("key", 1, key), field("value", 2, value)],
    options: { mapEntry: true },
  });
}

/** A message of its own for methods without a request. */
function nothing(): DescriptorProto {
  return create(DescriptorProtoSchema, { name: "Nothing" });
}
