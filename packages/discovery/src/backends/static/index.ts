export { type StaticInstance, staticResolver } from "./resolver.js";
