import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { implement, type Service } from "@sampan/core";
import { UserErrors } from "./domain/errors.js";
import { maskPhone } from "./domain/phone.js";
import type { UserStore } from "./user-service.js";

/** The scope that shows a whole number. */
const wholePhoneScope = "users.phone";

export function phoneService({ store }: { readonly store: UserStore }): Service {
  return implement(PhoneService, {
    async bindPhone({ userId, number, countryCode }, call) {
      return store.change(call, async (users) => {
        const user = await users.byId(userId);
        if (user === undefined) throw UserErrors.UNKNOWN_USER({ user: userId });
        await users.save({ ...user, phone: { number, countryCode } });
        return { phone: maskPhone(number) };
      });
    },

    async getPhone({ userId }, call) {
      const user = await store.byId(userId);
      if (user === undefined) throw UserErrors.UNKNOWN_USER({ user: userId });
      const { number, countryCode } = user.phone;
      const whole = call.user?.scopes?.includes(wholePhoneScope) === true;
      return { phone: whole ? number : maskPhone(number), countryCode };
    },

    async revealPhone({ userId }) {
      const { number = "", countryCode = "" } = (await store.byId(userId))?.phone ?? {};
      if (number === "") throw UserErrors.NO_PHONE({ user: userId });
      return { number, countryCode, masked: maskPhone(number) };
    },
  });
}
