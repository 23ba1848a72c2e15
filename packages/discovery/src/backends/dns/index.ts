export { type DnsResolverOptions, dnsResolver } from "./resolver.js";
