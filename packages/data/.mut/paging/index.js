import { Code, defineErrors } from "@sampan/core";
export const PagingErrors = defineErrors("paging", {
    BAD_PAGE_TOKEN: {
        code: Code.InvalidArgument,
        message: "the page token is not one that this list has given",
        fix: "pass next_page_token as it was answered, or leave it out for the first page",
    },
});
/** The id after which a page starts; undefined for the first page. Throws `BAD_PAGE_TOKEN`. */
export function afterToken(token) {
    if (token === "")
        return undefined;
    const id = Buffer.from(token, "base64url").toString("utf8");
    if (Buffer.from(id, "utf8").toString("base64url") !== token)
        throw PagingErrors.BAD_PAGE_TOKEN();
    return id;
}
/** Cuts a page out of up to `size + 1` rows: the extra row only says that there is more. */
export function pageOf(rows, size, idOf) {
    const items = rows.slice(0, size);
    const last = items.at(-1);
    const more = rows.length > size && last !== undefined;
    return { items, nextPageToken: more ? Buffer.from(idOf(last), "utf8").toString("base64url") : "" };
}
//# sourceMappingURL=index.js.map