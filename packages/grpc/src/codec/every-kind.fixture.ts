import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";

const types = Object.values(Type).filter((type): type is Type => typeof type === "number" && type !== Type.GROUP);
const typeNames: Partial<Record<Type, string>> = { [Type.MESSAGE]: ".test.Every", [Type.ENUM]: ".test.Colour" };

/** A type with every scalar, an enum and itself: plain, optional, repeated, unpacked and in a oneof. */
export const everyKind: DescMessage = build();

function build(): DescMessage {
  const forms = ["plain", "optional", "packed", "unpacked", "choice"] as const;
  const fields = forms.flatMap((form, i) =>
    types.map((type) => ({
      name: `${form}_${Type[type].toLowerCase()}`,
      number: 1 + i * 20 + type,
      type,
      label: form === "packed" || form === "unpacked" ? Label.REPEATED : Label.OPTIONAL,
      ...(typeNames[type] === undefined ? {} : { typeName: typeNames[type] }),
      ...(form === "unpacked" && type !== Type.STRING && type !== Type.BYTES && type !== Type.MESSAGE
        ? { options: { packed: false } }
        : {}),
      ...(form === "choice" ? { oneofIndex: 0 } : {}),
      ...(form === "optional" ? { proto3Optional: true, oneofIndex: 1 + types.indexOf(type) } : {}),
    })),
  );
  const file = create(FileDescriptorProtoSchema, {
    name: "every.proto",
    package: "test",
    syntax: "proto3",
    enumType: [
      { name: "Colour", value: [0, 1, 2, -5].map((number) => ({ name: `C${number}`.replace("-", "M"), number })) },
    ],
    messageType: [
      {
        name: "Every",
        field: fields,
        oneofDecl: [{ name: "choice" }, ...types.map((type) => ({ name: `_optional_${Type[type].toLowerCase()}` }))],
      },
    ],
  });
  const found = createFileRegistry(file, () => undefined).getMessage("test.Every");
  if (found === undefined) throw new Error("the fixture does not compile");
  return found;
}
