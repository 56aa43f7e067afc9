// The log: messages that wait for the shell thread (deferred) and how one is written out.

import type { Terminal } from './terminal.ts';

export interface LogMessage {
  readonly level: 'err' | 'wrn' | 'inf' | 'raw';
  readonly source: string;
  readonly text: string;
  /** Time since power-on. */
  readonly uptimeUs: number;
}

export interface LogSettings {
  readonly batchLength: number;
  readonly delayUs: number;
  readonly queueLength: number;
}

const LEVEL_COLOURS = { err: '\x1b[1;31m', wrn: '\x1b[1;33m', inf: '\x1b[0m' } as const;
/** The system clock's tick: 100 per second. */
const TICK_US = 10_000;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `[00:00:00.840,000]`, to the tick. */
function formatUptime(uptimeUs: number): string {
  const us = Math.floor(uptimeUs / TICK_US) * TICK_US;
  const seconds = Math.floor(us / 1_000_000);
  const clock = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) =>
    pad(part),
  );
  return `[${clock.join(':')}.${pad(Math.floor(us / 1_000) % 1_000, 3)},${pad(us % 1_000, 3)}]`;
}

/** Writes one message as a line. What `printk` wrote has neither time nor level. */
export function writeLogMessage(terminal: Terminal, message: LogMessage): void {
  if (message.level === 'raw') {
    terminal.write(`${message.text}\n`);
    return;
  }
  const line = `<${message.level}> ${message.source}: ${message.text}`;
  const [before, after] = terminal.colours ? [LEVEL_COLOURS[message.level], '\x1b[0m'] : ['', ''];
  terminal.write(`${formatUptime(message.uptimeUs)} ${before}${line}${after}\n`);
}

/** Messages of a deferred log. A full batch is due at once, less than that after a delay; what does not fit is lost. */
export class LogQueue {
  #messages: LogMessage[] = [];
  #settings: LogSettings;
  #dueAtUs = Number.POSITIVE_INFINITY;

  constructor(settings: LogSettings) {
    this.#settings = settings;
  }

  /** When the messages want to be printed; infinite while there are none. */
  get dueAtUs(): number {
    return this.#dueAtUs;
  }

  add(message: LogMessage, nowUs: number): void {
    if (this.#messages.length >= this.#settings.queueLength) return;
    this.#messages.push(message);
    const dueAtUs =
      this.#messages.length >= this.#settings.batchLength ? nowUs : nowUs + this.#settings.delayUs;
    this.#dueAtUs = Math.min(this.#dueAtUs, dueAtUs);
  }

  /** The oldest message; undefined when the batch is done. */
  take(): LogMessage | undefined {
    const message = this.#messages.shift();
    if (message === undefined) this.#dueAtUs = Number.POSITIVE_INFINITY;
    return message;
  }

  clear(): void {
    this.#messages = [];
    this.#dueAtUs = Number.POSITIVE_INFINITY;
  }
}
