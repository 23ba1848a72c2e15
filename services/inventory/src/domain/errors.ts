import { Code, defineErrors } from "@sampan/core";

export const InventoryErrors = defineErrors("inventory", {
  OUT_OF_STOCK: {
    code: Code.FailedPrecondition,
    message: "not enough stock of {products}",
    fix: "order less, or other products; the detail PreconditionFailure says how many there are",
  },
  UNKNOWN_STOCK: {
    code: Code.NotFound,
    message: "the inventory knows no product {product}",
    fix: "add stock for the product first",
  },
  RESERVATION_CLOSED: {
    code: Code.FailedPrecondition,
    message: "reservation {reservation} is {state} and cannot be {wanted}",
    fix: "reserve again under a new id",
  },
  RESERVATION_CHANGED: {
    code: Code.AlreadyExists,
    message: "reservation {reservation} exists with other lines",
    fix: "use a new reservation id for other lines",
  },
  UNKNOWN_RESERVATION: {
    code: Code.NotFound,
    message: "there is no reservation {reservation}",
    fix: "reserve first",
  },
  RESTOCK_TOO_MUCH: {
    code: Code.FailedPrecondition,
    message: "more of {product} would be put back than reservation {reservation} sold",
    fix: "put back at most what was sold",
  },
});
