/** One thing whose cost a call is measured, in a process of its own; modules of cases export `cases` of this type. */
export interface MeasuredCase {
  /** Makes one call, which must succeed, or fail where `refused` is set. */
  call(): Promise<unknown>;
  /** Calls that are started together; otherwise each waits for the one before. */
  readonly abreast?: number;
  readonly refused?: boolean;
}

/** By name, each made when it is asked for. */
export type MeasuredCases = Readonly<Record<string, () => MeasuredCase | Promise<MeasuredCase>>>;
