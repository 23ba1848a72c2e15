import type { Clock } from "@sampan/core";
/** A pause that ends early. A ring while nobody pauses is remembered, so nothing that happens between two passes is missed. */
export declare class WakeUp {
    #private;
    constructor(clock: Clock);
    /** Ends the pause that runs, or the next one before it begins. */
    ring(): void;
    /** Forgets rings so far: what they announced is going to be looked at. */
    clear(): void;
    pause(ms: number): Promise<void>;
}
//# sourceMappingURL=wake-up.d.ts.map