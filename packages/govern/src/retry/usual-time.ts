/** What a try that succeeds usually takes: an average in which each further try weighs a tenth. */
export class UsualTime {
  /** 0 before the first. */
  ms = 0;

  add(tookMs: number): void {
    this.ms = this.ms === 0 ? tookMs : this.ms + (tookMs - this.ms) * 0.1;
  }
}
