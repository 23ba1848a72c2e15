import type { DescField, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Route } from "../routing/routes.js";
import { fieldNamed } from "./fields.js";
import { invalidRequest } from "./violations.js";

/**
 * Fills the input's `idempotency_key` from the header of that name (draft-ietf-httpapi-idempotency-key-header), unless
 * the request carries one already, which must then be the same.
 */
export function bindIdempotencyKey(route: Route, header: string | string[] | undefined, message: Message): void {
  if (typeof header !== "string" || header === "") return;
  const root = reflect(route.method.input, message);
  const field = fieldNamed(route.method.input, "idempotency_key") as DescField;
  const carried = root.get(field) as unknown as string;
  if (carried === "") root.set(field, header);
  else if (carried !== header) {
    throw invalidRequest([
      {
        field: field.jsonName,
        reason: "CONFLICT",
        description: "is not the same in the header Idempotency-Key and in the request",
      },
    ]);
  }
}
