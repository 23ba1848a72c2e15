/**
 * Who is counted as one when wrong passwords are counted by address: an IPv4 address, or an IPv6 network of 64 bits, which is what one
 * customer gets (RFC 6177) and can take any address of. Text that is no address stays as it is.
 */
export function addressGroup(address: string): string {
  const [bare = ""] = address.split("%", 1);
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(bare)) return address;
  const [head = "", tail] = bare.toLowerCase().split("::", 2);
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  // Four numbers at the end stand for two groups.
  const wide = (groups: readonly string[]): number => groups.length + (groups.at(-1)?.includes(".") === true ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - wide(left) - wide(right));
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${network.join(":")}::/64`;
}
