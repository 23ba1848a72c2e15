import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a file that only its owner can read and that appears complete or not at all, durably. When the name exists
 * already, that file stays as it is and nothing happens: of several who try, the first wins. Needs hard links, because
 * a link is made at once and fails when the name exists, which a rename would not.
 */
export function createOnce(path: string, content: string): Promise<void> {
  return written(path, content, (draft) =>
    link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    }),
  );
}

/** The same in place of a file that is there: who reads finds the old one or the new one, whole. */
export function replaceFile(path: string, content: string): Promise<void> {
  return written(path, content, (draft) => rename(draft, path));
}

/** Content and name are on the disk when it resolves; a draft is never left. */
async function written(path: string, content: string, place: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(draft);
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}

/** Makes the new name durable; Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
