// The shell thread's reading side: keys, line ends, running a line, recall from the history, completion with Tab.

import type { Bypass } from '../commands/context.ts';
import type { CommandTree } from './command.ts';
import { completeLine } from './completion.ts';
import type { History } from './history.ts';
import type { LineEditor } from './lineEditor.ts';
import type { Terminal } from './terminal.ts';

/** How much a command that has taken over the line reads at once; otherwise the shell reads byte by byte. */
const BYPASS_READ_BYTES = 16;
const ESCAPE = 0x1b;

export interface ShellParts {
  readonly terminal: Terminal;
  readonly editor: LineEditor;
  readonly history: History;
  readonly tree: CommandTree;
  /** SHELL_MINIMAL: no history, no Tab, no control keys. */
  readonly minimal: boolean;
}

export class Shell {
  lastResult = 0;
  #parts: ShellParts;
  #bypass: Bypass | undefined;
  #inCommand = false;
  #halted = false;
  #keys: 'plain' | 'escape' | 'sequence' | 'tilde' = 'plain';
  /** The first byte of a line end: its counterpart right after it belongs to it. */
  #lastLineEnd: number | undefined;
  #draft = '';

  constructor(parts: ShellParts) {
    this.#parts = parts;
  }

  get readSizeBytes(): number {
    return this.#bypass ? BYPASS_READ_BYTES : 1;
  }

  /** Whether a command is running: log lines then come without prompt. */
  get inCommand(): boolean {
    return this.#inCommand;
  }

  /** Hands the line to a command until it has read enough. */
  setBypass(bypass: Bypass): void {
    this.#bypass = bypass;
  }

  /** No further output: the device stopped in the middle of a command. */
  halt(): void {
    this.#halted = true;
  }

  /** Shows the prompt for a new line. */
  prompt(): void {
    if (this.#bypass || this.#halted) return;
    this.#parts.editor.clear();
    this.#parts.editor.draw();
  }

  /** Takes up to `readSizeBytes` bytes. */
  receive(bytes: Uint8Array): void {
    if (this.#bypass) {
      if (!this.#bypass(bytes)) return;
      this.#bypass = undefined;
      this.prompt();
      return;
    }
    for (const byte of bytes) if (byte <= 0x7f) this.#take(byte);
  }

  #take(byte: number): void {
    switch (this.#keys) {
      case 'plain':
        this.#takePlain(byte);
        return;
      case 'escape':
        this.#keys = byte === 0x5b ? 'sequence' : 'plain';
        return;
      case 'sequence':
        this.#keys = 'plain';
        if (this.#parts.terminal.echo) this.#takeSequence(String.fromCharCode(byte));
        return;
      case 'tilde':
        this.#keys = 'plain';
        return;
    }
  }

  #takePlain(byte: number): void {
    const { editor, history, terminal, minimal } = this.#parts;
    if (byte === 0x0d || byte === 0x0a) {
      const counterpart = this.#lastLineEnd !== undefined && this.#lastLineEnd !== byte;
      if (counterpart) return;
      this.#lastLineEnd = byte;
      this.#runLine();
      return;
    }
    this.#lastLineEnd = undefined;
    if (byte === ESCAPE) this.#keys = 'escape';
    else if (byte >= 0x20 && byte < 0x7f) {
      history.leave();
      editor.insert(String.fromCharCode(byte));
    } else if (terminal.echo) {
      if (byte === 0x08 || byte === 0x7f) {
        history.leave();
        editor.backspace();
      } else if (byte === 0x09) {
        if (minimal) return;
        history.leave();
        completeLine(this.#parts);
      } else if (!minimal) this.#takeControl(byte);
    }
  }

  /** The keys of CONFIG_SHELL_METAKEYS. */
  #takeControl(byte: number): void {
    const { editor, history, terminal } = this.#parts;
    switch (String.fromCharCode(byte + 0x40)) {
      case 'A':
        editor.moveHome();
        return;
      case 'B':
        editor.move(-1);
        return;
      case 'C':
        editor.moveEnd();
        editor.finishRow();
        history.leave();
        this.prompt();
        return;
      case 'D':
        editor.deleteAtCursor();
        return;
      case 'E':
        editor.moveEnd();
        return;
      case 'F':
        editor.move(1);
        return;
      case 'K':
        editor.deleteToEnd();
        return;
      case 'L':
        terminal.control('\x1b[H');
        terminal.control('\x1b[2J');
        editor.draw();
        return;
      case 'N':
        this.#recall('newer');
        return;
      case 'P':
        this.#recall('older');
        return;
      case 'U':
        editor.moveHome();
        editor.clear();
        history.leave();
        terminal.clearToEnd();
        return;
      case 'W':
        editor.deleteWord();
        history.leave();
        return;
      default:
        return;
    }
  }

  #takeSequence(key: string): void {
    const { editor } = this.#parts;
    if ('1234'.includes(key)) this.#keys = 'tilde';
    switch (key) {
      case 'A':
        this.#recall('older');
        return;
      case 'B':
        this.#recall('newer');
        return;
      case 'C':
        editor.move(1);
        return;
      case 'D':
        editor.move(-1);
        return;
      case '4':
      case 'F':
        editor.moveEnd();
        return;
      case '1':
      case 'H':
        editor.moveHome();
        return;
      case '3':
        editor.deleteAtCursor();
        return;
      default:
        return;
    }
  }

  #recall(direction: 'older' | 'newer'): void {
    const { editor, history, minimal } = this.#parts;
    if (minimal) return;
    if (!history.active) {
      if (direction === 'newer') return;
      this.#draft = editor.text;
    }
    editor.replace(history.step(direction) ?? this.#draft);
  }

  #runLine(): void {
    const { editor, history, terminal, tree, minimal } = this.#parts;
    if (editor.text === '') {
      history.leave();
      terminal.write('\n');
    } else {
      editor.moveEnd();
      editor.finishRow();
      if (!minimal) {
        editor.trim();
        history.put(editor.text);
      }
      this.#inCommand = true;
      this.lastResult = tree.execute(editor.text);
      this.#inCommand = false;
    }
    this.prompt();
  }
}
