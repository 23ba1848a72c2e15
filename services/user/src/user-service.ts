import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, type Clock, implement, type Service, sortableId } from "@sampan/core";
import { UserErrors } from "./domain/errors.js";
import { maskPhone } from "./domain/phone.js";
import { learnUnionid, newUser, type User } from "./domain/user.js";

export interface UserChange {
  byOpenid(provider: string, openid: string): Promise<User | undefined>;
  byId(userId: string): Promise<User | undefined>;
  save(user: User): Promise<void>;
}

export interface UserStore {
  change<T>(call: Call, work: (users: UserChange) => Promise<T>): Promise<T>;
  byId(userId: string): Promise<User | undefined>;
  byOpenid(provider: string, openid: string): Promise<User | undefined>;
}

export interface UserDeps {
  readonly store: UserStore;
  readonly clock: Clock;
}

export function userService({ store, clock }: UserDeps): Service {
  return implement(UserService, {
    async ensureUser({ provider, openid, unionid }, call) {
      const known = await store.byOpenid(provider, openid);
      if (known !== undefined && learnUnionid(known, unionid) === known)
        return { user: toMessage(known), created: false };
      return store.change(call, async (users) => {
        const existing = await users.byOpenid(provider, openid);
        const user =
          existing === undefined
            ? newUser({ userId: sortableId(clock), provider, openid, unionid, createdAt: clock.now() })
            : learnUnionid(existing, unionid);
        if (user !== existing) await users.save(user);
        return { user: toMessage(user), created: existing === undefined };
      });
    },

    async getUser({ userId }) {
      return { user: toMessage(await required(store, userId)) };
    },

    async getMe(_, call) {
      return { profile: toProfile(await required(store, call.requireUser().subject)) };
    },

    async updateMe({ nickname }, call) {
      const userId = call.requireUser().subject;
      return store.change(call, async (users) => {
        const user = await users.byId(userId);
        if (user === undefined) throw UserErrors.UNKNOWN_USER({ user: userId });
        const updated = { ...user, nickname };
        await users.save(updated);
        return { profile: toProfile(updated) };
      });
    },
  });
}

async function required(store: UserStore, userId: string): Promise<User> {
  const user = await store.byId(userId);
  if (user === undefined) throw UserErrors.UNKNOWN_USER({ user: userId });
  return user;
}

function toMessage(user: User) {
  const { userId, provider, openid, unionid, nickname } = user;
  return { userId, provider, openid, unionid, nickname, createdAt: timestampFromMs(user.createdAt) };
}

function toProfile({ userId, nickname, createdAt, phone }: User) {
  return { userId, nickname, createdAt: timestampFromMs(createdAt), phone: maskPhone(phone.number) };
}
