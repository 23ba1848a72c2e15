/** Where a user has things sent. */
export interface Address {
  readonly addressId: string;
  readonly userId: string;
  readonly recipient: string;
  readonly phone: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly street: string;
  readonly postalCode: string;
  readonly isDefault: boolean;
}

/** What a user can write of an address. */
export type AddressText = Omit<Address, "addressId" | "userId" | "isDefault">;

/** More are refused: nobody has so many, and lists are answered whole. */
export const maxAddresses = 50;

/** Which of the addresses is to be the default when `gone` is deleted: the newest of the others; ids sort by time. */
export function nextDefault(addresses: readonly Address[], gone: Address): Address | undefined {
  if (!gone.isDefault) return undefined;
  const others = addresses.filter(({ addressId }) => addressId !== gone.addressId);
  return others.reduce<Address | undefined>(
    (newest, each) => (newest === undefined || each.addressId > newest.addressId ? each : newest),
    undefined,
  );
}
