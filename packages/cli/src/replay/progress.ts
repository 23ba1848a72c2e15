/** A line that shows how far something is. On a terminal it is drawn again in place; elsewhere a line appears each tenth. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  #done = 0;
  #shown = -1;

  constructor(label: string, total: number, out: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#total = total;
    this.#out = out;
    this.#draw();
  }

  advance(): void {
    this.#done++;
    this.#draw();
  }

  /** Ends the line. */
  end(): void {
    if (this.#out.isTTY) this.#out.write("\n");
  }

  #draw(): void {
    const part = this.#total === 0 ? 1 : this.#done / this.#total;
    const steps = this.#out.isTTY ? 200 : 10;
    const step = Math.floor(part * steps);
    if (step === this.#shown) return;
    this.#shown = step;
    const filled = Math.round(part * 30);
    const bar = "█".repeat(filled) + "░".repeat(30 - filled);
    const text = `${this.#label.padEnd(10)} ${bar} ${this.#done}/${this.#total}`;
    this.#out.write(this.#out.isTTY ? `\r${text}` : `${text}\n`);
  }
}
