import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { FieldRules } from "@sampan/protos/sampan/v1/options_pb.js";
import type { Violations } from "./violations.js";

/** Reports a value that is missing, and says whether the other rules are worth a look. */
export type PresenceCheck = (value: unknown, found: Violations) => boolean;

/**
 * `required`: a text, bytes, list or map is not empty, an enum is not 0, a message is set. A number or boolean is not
 * its default, unless its field is `optional`: then it is set, and 0 is a value like any other.
 */
export function presenceCheck(field: DescField, rules: FieldRules): PresenceCheck | undefined {
  if (!rules.required) return undefined;
  const missing = missingTest(field);
  return (value, found) => {
    if (!missing(value)) return true;
    found.add("REQUIRED", "is required");
    return false;
  };
}

function missingTest(field: DescField): (value: unknown) => boolean {
  const unset = (value: unknown): boolean => value === undefined;
  switch (field.fieldKind) {
    case "list":
      return (value) => (value as readonly unknown[]).length === 0;
    case "map":
      return (value) => Object.keys(value as object).length === 0;
    case "message":
      return unset;
    case "enum":
      return (value) => value === undefined || value === 0;
    case "scalar":
      if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) {
        return (value) => value === undefined || (value as string | Uint8Array).length === 0;
      }
      if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return unset;
      // 0, 0n and false; a 64-bit number may be read as a text.
      return (value) => !value || value === "0";
  }
}
