import { Code, defineErrors } from "@sampan/core";

export const CatalogErrors = defineErrors("catalog", {
  UNKNOWN_PRODUCT: {
    code: Code.NotFound,
    message: "there is no product {product}",
    fix: "read the product list again",
  },
  PRODUCT_EXISTS: {
    code: Code.AlreadyExists,
    message: "product {product} exists with another title or price",
    fix: "set its price with SetPrice, or use another product id",
  },
  INVALID_PRICE: {
    code: Code.InvalidArgument,
    message: "the price of {product} must be positive, not {amount}",
    fix: "give a price of at least one smallest unit",
  },
});
