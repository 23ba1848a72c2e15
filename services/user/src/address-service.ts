import { AddressService } from "@sampan/contracts/user/v1/address_pb.js";
import { type Call, type Clock, implement, type Service, sortableId } from "@sampan/core";
import { type Address, type AddressText, maxAddresses, nextDefault } from "./domain/address.js";
import { UserErrors } from "./domain/errors.js";

/** Everything is of one user: who asks for another one's address finds none. */
export interface AddressChange {
  /** The default first, then the newest. */
  list(userId: string): Promise<readonly Address[]>;
  byId(userId: string, addressId: string): Promise<Address | undefined>;
  add(address: Address): Promise<void>;
  save(address: Address): Promise<void>;
  remove(userId: string, addressId: string): Promise<void>;
}

export interface AddressStore {
  change<T>(call: Call, work: (addresses: AddressChange) => Promise<T>): Promise<T>;
  list(userId: string): Promise<readonly Address[]>;
  byId(userId: string, addressId: string): Promise<Address | undefined>;
}

export interface AddressDeps {
  readonly store: AddressStore;
  readonly clock: Clock;
}

export function addressService({ store, clock }: AddressDeps): Service {
  return implement(AddressService, {
    async createAddress({ address }, call) {
      const userId = call.requireUser().subject;
      return store.change(call, async (addresses) => {
        const held = await addresses.list(userId);
        if (held.length >= maxAddresses) throw UserErrors.TOO_MANY_ADDRESSES({ limit: String(maxAddresses) });
        const made = { ...textOf(address), addressId: sortableId(clock), userId, isDefault: held.length === 0 };
        await addresses.add(made);
        return { address: made };
      });
    },

    async listAddresses(_, call) {
      return { addresses: [...(await store.list(call.requireUser().subject))] };
    },

    async getAddress({ addressId }, call) {
      return { address: await required(store, call.requireUser().subject, addressId) };
    },

    async updateAddress({ addressId, address }, call) {
      const userId = call.requireUser().subject;
      return store.change(call, async (addresses) => {
        const changed = { ...(await required(addresses, userId, addressId)), ...textOf(address) };
        await addresses.save(changed);
        return { address: changed };
      });
    },

    async setDefaultAddress({ addressId }, call) {
      const userId = call.requireUser().subject;
      return store.change(call, async (addresses) => {
        const chosen = { ...(await required(addresses, userId, addressId)), isDefault: true };
        for (const each of await addresses.list(userId))
          if (each.isDefault) await addresses.save({ ...each, isDefault: false });
        await addresses.save(chosen);
        return { address: chosen };
      });
    },

    async deleteAddress({ addressId }, call) {
      const userId = call.requireUser().subject;
      return store.change(call, async (addresses) => {
        const gone = await addresses.byId(userId, addressId);
        // Deleted already: the same request again has the same end.
        if (gone === undefined) return {};
        const next = nextDefault(await addresses.list(userId), gone);
        await addresses.remove(userId, addressId);
        if (next !== undefined) await addresses.save({ ...next, isDefault: true });
        return {};
      });
    },
  });
}

async function required(from: Pick<AddressStore, "byId">, userId: string, addressId: string): Promise<Address> {
  const address = await from.byId(userId, addressId);
  if (address === undefined) throw UserErrors.UNKNOWN_ADDRESS({ address: addressId });
  return address;
}

/** Field by field, so that nothing else of a request becomes part of an address. */
function textOf(input: AddressText | undefined): AddressText {
  const {
    recipient = "",
    phone = "",
    province = "",
    city = "",
    district = "",
    street = "",
    postalCode = "",
  } = input ?? {};
  return { recipient, phone, province, city, district, street, postalCode };
}
