/** A place to write lines to: a terminal, or a log. */
export interface LineOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Lines that stay, above lines that are written anew. Off a terminal the second kind is not shown. */
export class LiveLines {
  readonly #output: LineOutput;
  #shown: readonly string[] = [];

  constructor(output: LineOutput) {
    this.#output = output;
  }

  /** Adds lines that stay. */
  print(lines: readonly string[]): void {
    const shown = this.#shown;
    this.show([]);
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
    this.show(shown);
  }

  /** Writes the lower lines anew; as many as fit on the screen. */
  show(lines: readonly string[]): void {
    if (this.#output.isTTY !== true) return;
    const { columns = 80, rows = 24 } = this.#output;
    const up = this.#shown.length === 0 ? '' : `\x1b[${this.#shown.length}A\r\x1b[J`;
    // A line that wraps would count as two and leave remains; colour codes make this a little strict.
    this.#shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns - 1));
    const text = this.#shown.map((line) => `${line}\x1b[0m\n`).join('');
    if (up !== '' || text !== '') this.#output.write(`${up}${text}`);
  }
}
