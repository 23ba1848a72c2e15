import { Code, defineErrors } from "@sampan/core";

export const OrderErrors = defineErrors("order", {
  UNKNOWN_PRODUCTS: {
    code: Code.InvalidArgument,
    message: "there is no product {products}",
    fix: "read the product list again and remove what is gone from the cart",
  },
  PRICE_CHANGED: {
    code: Code.FailedPrecondition,
    message: "the price of {products} changed since the cart was read",
    fix: "show the new prices to the user; the detail PreconditionFailure has them",
  },
  OUT_OF_STOCK: {
    code: Code.FailedPrecondition,
    message: "not enough stock of {products}",
    fix: "order less, or other products; the detail PreconditionFailure says how many there are",
  },
  UNKNOWN_ORDER: {
    code: Code.NotFound,
    message: "there is no order {order}",
    fix: "check the order id; an order is only shown to the user who placed it",
  },
  ORDER_FAILED: {
    code: Code.FailedPrecondition,
    message: "order {order} could not be fulfilled: {reason}",
    fix: "place a new order under a new idempotency key once the reason is dealt with",
  },
  NOT_CANCELLABLE: {
    code: Code.FailedPrecondition,
    message: "order {order} is {status} and cannot be cancelled",
    fix: "ask for a refund of an order that is confirmed",
  },
  NOT_REFUNDABLE: {
    code: Code.FailedPrecondition,
    message: "order {order} is {status} and cannot be refunded",
    fix: "only a confirmed order can be refunded",
  },
  REFUND_TOO_MUCH: {
    code: Code.FailedPrecondition,
    message: "order {order} has {left} pieces of {product} left to refund, not {wanted}",
    fix: "refund at most what was ordered and is not refunded yet",
  },
  REFUND_REFUSED: {
    code: Code.FailedPrecondition,
    message: "refund {refund} was refused by the payment",
    fix: "look at the payment; its pieces can be refunded again under a new idempotency key",
  },
  EXPIRED: {
    code: Code.FailedPrecondition,
    message: "order {order} was not paid in time",
    fix: "place a new order",
  },
  CANCELLED: {
    code: Code.FailedPrecondition,
    message: "order {order} was cancelled by its user",
    fix: "place a new order",
  },
});
