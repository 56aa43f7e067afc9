// As much of a VT100 as the shell's line editor uses: what a technician would see.

export class Screen {
  #rows: string[] = [''];
  #row = 0;
  #column = 0;
  #saved = { row: 0, column: 0 };

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  get rows(): readonly string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  write(text: string): void {
    for (const [, csi, count, code, plain] of text.matchAll(
      /(\x1b(?:\[(\d*)(?:;\d+)?([A-Za-z])|[78]))|([^\x1b])/g,
    )) {
      if (plain !== undefined) this.#put(plain);
      else if (csi === '\x1b7') this.#saved = this.cursor;
      else if (csi === '\x1b8') ({ row: this.#row, column: this.#column } = this.#saved);
      else this.#control(code ?? '', Number(count === '' ? 1 : count));
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') {
      this.#row += 1;
      this.#rows[this.#row] ??= '';
    } else {
      const row = (this.#rows[this.#row] ?? '').padEnd(this.#column);
      this.#rows[this.#row] = row.slice(0, this.#column) + character + row.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  #control(code: string, count: number): void {
    if (code === 'A') this.#row -= count;
    else if (code === 'B') this.#row += count;
    else if (code === 'C') this.#column += count;
    else if (code === 'D') this.#column -= count;
    else if (code === 'J') {
      this.#rows = this.#rows.slice(0, this.#row + 1);
      this.#rows[this.#row] = (this.#rows[this.#row] ?? '').slice(0, this.#column);
    }
    if (this.#row < 0 || this.#column < 0) throw new Error(`the cursor left the screen: ${code} ${count}`);
  }
}
