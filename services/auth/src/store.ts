import type { Sql } from "@sampan/data";
import type { Revocation } from "@sampan/identity";
import type { Kysely } from "kysely";
import type { AuthChange, AuthStore } from "./auth-records.js";
import type { Operator, Session } from "./domain/session.js";
import type { AuthTables } from "./schema.js";

const forgottenAtOnce = 50;

export function authStore(sql: Sql<AuthTables>): AuthStore {
  return {
    change: (call, work) => sql.transaction(call, (tx) => work(changeOf(tx))),
    session: (sessionId) => sessionOf(sql.read, sessionId),
    async revocations(after, limit) {
      const rows = await sql.read
        .selectFrom("revocation")
        .selectAll()
        .where("entry_no", ">", BigInt(after))
        .orderBy("entry_no")
        .limit(limit)
        .execute();
      return { revocations: rows.map(toRevocation), last: Number(rows.at(-1)?.entry_no ?? after) };
    },
    operator: (name) => operatorOf(sql.read, name),
    async operators() {
      return (await sql.read.selectFrom("operator").selectAll().orderBy("name").execute()).map(toOperator);
    },
  };
}

function changeOf(tx: Kysely<AuthTables>): AuthChange {
  return {
    session: (sessionId) => sessionOf(tx, sessionId),
    async openSessions(subject) {
      const rows = tx.selectFrom("session").selectAll().where("subject", "=", subject).where("ended_at", "=", 0n);
      return (await rows.execute()).map(toSession);
    },
    async addSession(session) {
      await tx.insertInto("session").values(fromSession(session)).execute();
    },
    async saveSession(session) {
      const { session_id, ...row } = fromSession(session);
      await tx.updateTable("session").set(row).where("session_id", "=", session_id).execute();
    },
    async revoke({ kind, id, notBefore, until }) {
      // Numbered within the transaction: a follower that has seen one has seen all before it.
      const { last } = await tx
        .selectFrom("revocation")
        .select(({ fn }) => fn.max("entry_no").as("last"))
        .executeTakeFirstOrThrow();
      const row = { kind, target: id, not_before: BigInt(notBefore), until_at: BigInt(until) };
      await tx
        .insertInto("revocation")
        .values({ entry_no: BigInt(last ?? 0) + 1n, ...row })
        .execute();
    },
    async forget(now) {
      const over = tx.selectFrom("session").select("session_id").where("expires_at", "<", BigInt(now));
      await tx.deleteFrom("session").where("session_id", "in", over.limit(forgottenAtOnce)).execute();
      // The last entry stays, because it holds the number.
      const newest = tx.selectFrom("revocation").select(({ fn }) => fn.max("entry_no").as("last"));
      const dead = tx.selectFrom("revocation").select("entry_no").where("until_at", "<", BigInt(now));
      await tx
        .deleteFrom("revocation")
        .where("entry_no", "in", dead.where("entry_no", "<", newest).limit(forgottenAtOnce))
        .execute();
    },
    operator: (name) => operatorOf(tx, name),
    async addOperator(operator) {
      await tx.insertInto("operator").values(fromOperator(operator)).execute();
    },
    async saveOperator(operator) {
      const { name, ...row } = fromOperator(operator);
      await tx.updateTable("operator").set(row).where("name", "=", name).execute();
    },
  };
}

async function sessionOf(db: Kysely<AuthTables>, sessionId: string): Promise<Session | undefined> {
  const row = await db.selectFrom("session").selectAll().where("session_id", "=", sessionId).executeTakeFirst();
  return row === undefined ? undefined : toSession(row);
}

async function operatorOf(db: Kysely<AuthTables>, name: string): Promise<Operator | undefined> {
  const row = await db.selectFrom("operator").selectAll().where("name", "=", name).executeTakeFirst();
  return row === undefined ? undefined : toOperator(row);
}

function toSession(row: AuthTables["session"]): Session {
  return {
    sessionId: row.session_id,
    subject: row.subject,
    tenant: row.tenant,
    roles: row.roles.split(","),
    device: row.device,
    generation: Number(row.generation),
    rotatedAt: Number(row.rotated_at),
    expiresAt: Number(row.expires_at),
    endedAt: Number(row.ended_at),
    signingKey: row.signing_key,
  };
}

function fromSession(session: Session): AuthTables["session"] {
  return {
    session_id: session.sessionId,
    subject: session.subject,
    tenant: session.tenant,
    roles: session.roles.join(","),
    device: session.device,
    generation: BigInt(session.generation),
    rotated_at: BigInt(session.rotatedAt),
    expires_at: BigInt(session.expiresAt),
    ended_at: BigInt(session.endedAt),
    signing_key: session.signingKey,
  };
}

function toRevocation({ kind, target, not_before, until_at }: AuthTables["revocation"]): Revocation {
  const of = kind === "session" ? "session" : "subject";
  return { kind: of, id: target, notBefore: Number(not_before), until: Number(until_at) };
}

function toOperator({ name, roles, password_hash }: AuthTables["operator"]): Operator {
  return { name, roles: roles.split(","), passwordHash: password_hash };
}

function fromOperator({ name, roles, passwordHash }: Operator): AuthTables["operator"] {
  return { name, roles: roles.join(","), password_hash: passwordHash };
}
