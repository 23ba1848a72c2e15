import { type Errors } from "@sampan/core";
export declare const PagingErrors: Errors<"BAD_PAGE_TOKEN">;
/** One page of a list that is ordered by a unique text id. */
export interface Page<T> {
    readonly items: readonly T[];
    /** Empty on the last page. */
    readonly nextPageToken: string;
}
/** The id after which a page starts; undefined for the first page. Throws `BAD_PAGE_TOKEN`. */
export declare function afterToken(token: string): string | undefined;
/** Cuts a page out of up to `size + 1` rows: the extra row only says that there is more. */
export declare function pageOf<T>(rows: readonly T[], size: number, idOf: (row: T) => string): Page<T>;
//# sourceMappingURL=index.d.ts.map