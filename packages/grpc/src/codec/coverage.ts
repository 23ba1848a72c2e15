import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** google.protobuf.Edition.EDITION_PROTO3 */
const proto3 = 999;

/** Whether the compiled codec reads and writes this type itself. Everything else goes to protobuf-es. */
export function isCovered(schema: DescMessage): boolean {
  // Other editions track presence through prototypes, and know groups and closed enums.
  return (schema.file.edition as number) === proto3 && schema.fields.every(isFieldCovered);
}

function isFieldCovered(field: DescField): boolean {
  switch (field.fieldKind) {
    case "scalar":
      return !field.longAsString;
    case "enum":
      return field.enum.open;
    case "list":
      if (field.listKind === "message") return !field.delimitedEncoding;
      return field.listKind === "enum" ? field.enum.open : !field.longAsString;
    case "message":
      return !field.delimitedEncoding && !isRepresentedOtherwise(field);
    default:
      // Maps are rare in messages on a hot path, and their keys have rules of their own.
      return false;
  }
}

/** Fields that protobuf-es unwraps: `google.protobuf.*Value` and Struct. */
function isRepresentedOtherwise(field: DescField & { fieldKind: "message" }): boolean {
  if (isWrapperDesc(field.message) && field.oneof === undefined) return true;
  return field.message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value";
}
