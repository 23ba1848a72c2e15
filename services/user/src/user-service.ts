import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, type Clock, implement, type Service, sortableId } from "@sampan/core";
import { UserErrors } from "./domain/errors.js";
import { maskPhone } from "./domain/phone.js";
import { type Identity, newUser, recognise, type User, vendorOf } from "./domain/user.js";

/** What is known, committed or within a transaction. */
export interface UserLookup {
  byId(userId: string): Promise<User | undefined>;
  byIdentity(identity: Identity): Promise<User | undefined>;
  byUnionid(vendor: string, unionid: string): Promise<User | undefined>;
  /** What an app calls the user; undefined when they were never seen there. */
  openidOf(userId: string, provider: string): Promise<string | undefined>;
}

export interface UserChange extends UserLookup {
  /** A new user, or what has changed of one. */
  save(user: User): Promise<void>;
  addIdentity(userId: string, identity: Identity): Promise<void>;
  addUnionid(userId: string, vendor: string, unionid: string): Promise<void>;
}

export interface UserStore extends UserLookup {
  change<T>(call: Call, work: (users: UserChange) => Promise<T>): Promise<T>;
}

export interface UserDeps {
  readonly store: UserStore;
  readonly clock: Clock;
}

export function userService({ store, clock }: UserDeps): Service {
  /** Reads, and says what there is to write. */
  const recognised = async (users: UserLookup, identity: Identity, unionid: string) => {
    const known = await users.byIdentity(identity);
    const needed = unionid !== "" && known?.unionid !== unionid;
    const namesake = needed ? await users.byUnionid(vendorOf(identity.provider), unionid) : undefined;
    return recognise(known, namesake, unionid);
  };
  return implement(UserService, {
    async ensureUser({ provider, openid, unionid }, call) {
      const identity = { provider, openid };
      const at = await recognised(store, identity, unionid);
      if (at.kind === "known") return { user: toMessage(at.user, identity), created: false };
      return store.change(call, async (users) => {
        // Asked again: another login may have been first.
        const now = await recognised(users, identity, unionid);
        const user =
          now.kind === "new"
            ? newUser({ userId: sortableId(clock), provider, openid, unionid, createdAt: clock.now() })
            : now.user;
        if (now.kind === "new" || now.kind === "learn") {
          await users.save(user);
          if (unionid !== "") await users.addUnionid(user.userId, vendorOf(provider), unionid);
        }
        if (now.kind === "new" || now.kind === "join") await users.addIdentity(user.userId, identity);
        return { user: toMessage(user, identity), created: now.kind === "new" };
      });
    },

    async getUser({ userId, provider }) {
      const user = await required(store, userId);
      if (provider === "" || provider === user.provider) return { user: toMessage(user, user) };
      const openid = (await store.openidOf(userId, provider)) ?? "";
      return { user: toMessage(user, { provider, openid }) };
    },

    async findUser({ provider, openid }) {
      const identity = { provider, openid };
      const user = await store.byIdentity(identity);
      if (user === undefined) throw UserErrors.UNKNOWN_IDENTITY({ provider });
      return { user: toMessage(user, identity) };
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

async function required(store: UserLookup, userId: string): Promise<User> {
  const user = await store.byId(userId);
  if (user === undefined) throw UserErrors.UNKNOWN_USER({ user: userId });
  return user;
}

function toMessage(user: User, { provider, openid }: Identity) {
  const { userId, unionid, nickname } = user;
  return { userId, provider, openid, unionid, nickname, createdAt: timestampFromMs(user.createdAt) };
}

function toProfile({ userId, nickname, createdAt, phone }: User) {
  return { userId, nickname, createdAt: timestampFromMs(createdAt), phone: maskPhone(phone.number) };
}
