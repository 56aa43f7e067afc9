// A Zephyr device as software, from one power-on to the next: the shell, the credential store and the log of one boot.
// It does no input or output of its own and knows no clock: its thread is stepped by the line it hangs on.

import type { DeviceBuild } from './build.ts';
import type { DeviceContext } from './commands/context.ts';
import { credentialCommand } from './commands/credential.ts';
import { deviceKeyCommand, registerKeptKeys } from './commands/deviceKey.ts';
import { behindLock, factoryCommand } from './commands/factoryLock.ts';
import { builtInCommands, helpCommand } from './commands/shellSettings.ts';
import { loginCommand, systemCommands } from './commands/system.ts';
import { CredentialHeap } from './credentialHeap.ts';
import type { CredentialStore } from './credentialStore.ts';
import type { FactoryLock } from './factoryLock.ts';
import type { KeyVault } from './keyVault.ts';
import { type DeviceOptions, type Faults, selectBuild } from './options.ts';
import { CommandTree } from './shell/command.ts';
import { History } from './shell/history.ts';
import { LineEditor } from './shell/lineEditor.ts';
import { type LogMessage, LogQueue, writeLogMessage } from './shell/log.ts';
import { Shell } from './shell/shell.ts';
import { Terminal } from './shell/terminal.ts';

/** The shell thread sleeps so long after a log line that broke into a half-typed command. */
const SLEEP_AFTER_REDRAW_US = 15_000;
/** The system clock's tick, by which every sleep is late. */
const TICK_US = 10_000;

export interface DeviceParts {
  readonly options: DeviceOptions;
  readonly store: CredentialStore;
  /** Outlives a restart. */
  readonly vault: KeyVault;
  /** Outlives a restart, too. */
  readonly lock: FactoryLock;
  readonly hardwareId: string;
  readonly faults: () => Faults;
  readonly poweredOnAtUs: number;
  /** Called within a command when the device stops. */
  readonly onHalt: (why: 'reboot' | 'crash') => void;
}

export class Device {
  readonly build: DeviceBuild;
  #terminal: Terminal;
  #editor: LineEditor;
  #shell: Shell;
  #log: LogQueue;
  #logging = true;
  #noise = { intervalUs: 0, nextAtUs: Number.POSITIVE_INFINITY, count: 0 };
  #poweredOnAtUs: number;
  #nowUs: number;
  #firmwareVersion: string;

  constructor(parts: DeviceParts) {
    const { options } = parts;
    const build = selectBuild(options);
    this.build = build;
    this.#poweredOnAtUs = parts.poweredOnAtUs;
    this.#nowUs = parts.poweredOnAtUs;
    this.#firmwareVersion = options.firmwareVersion;
    this.#log = new LogQueue({
      batchLength: build.logBatchLength,
      delayUs: build.logDelayMs * 1_000,
      queueLength: build.logQueueLength,
    });
    const terminal = new Terminal({
      prompt: options.loginPassword === undefined ? options.prompt : 'login: ',
      colours: !build.minimalShell,
      echo: options.echo,
      obscured: options.loginPassword !== undefined,
    });
    const history = new History(build.historySizeBytes);
    const context: DeviceContext = {
      build,
      options,
      terminal,
      history,
      store: parts.store,
      vault: parts.vault,
      lock: parts.lock,
      heap:
        options.backend === 'volatile'
          ? new CredentialHeap(build.credentialSlots, build.credentialHeapSizeBytes, build.wordSizeBytes)
          : undefined,
      hardwareId: parts.hardwareId,
      faults: parts.faults,
      tree: () => tree,
      uptimeUs: () => this.#nowUs - this.#poweredOnAtUs,
      lastResult: () => this.#shell.lastResult,
      log: (message) => this.#addLog(message),
      setLogging: (on) => {
        this.#logging = on;
      },
      setNoise: (intervalMs) => this.setNoise(intervalMs, this.#nowUs),
      setBypass: (bypass) => this.#shell.setBypass(bypass),
      halt: (why) => {
        this.#shell.halt();
        parts.onHalt(why);
      },
    };
    const tree = new CommandTree(
      [
        behindLock(context, credentialCommand(context)),
        helpCommand(context),
        ...(build.minimalShell ? [] : builtInCommands(context)),
        ...systemCommands(context),
        ...(build.factoryLock ? [factoryCommand(context)] : []),
        ...(build.deviceKeys ? [behindLock(context, deviceKeyCommand(context))] : []),
      ],
      terminal,
      { argumentsMax: build.argumentsMax, help: !build.minimalShell },
    );
    if (options.loginPassword !== undefined) tree.selected = loginCommand(context, options.loginPassword);
    if (build.deviceKeys) registerKeptKeys(context);
    this.#terminal = terminal;
    this.#editor = new LineEditor(terminal, build.commandLineSizeBytes);
    this.#shell = new Shell({ terminal, editor: this.#editor, history, tree, minimal: build.minimalShell });
    if (options.noiseIntervalMs > 0) this.setNoise(options.noiseIntervalMs, parts.poweredOnAtUs);
  }

  /** Writes what the device says by itself after power-on: a prompt, the banner in its place, and the prompt twice again. */
  start(): void {
    if (this.#terminal.colours) this.#terminal.control('\x1b[m');
    this.#terminal.write('\n');
    this.#shell.prompt();
    if (this.build.logMode === 'immediate') return;
    this.#editor.erase();
    this.#terminal.write(`*** Booting Zephyr OS build v${this.#firmwareVersion} ***\n`);
    this.#editor.draw();
    this.#editor.erase();
    this.#editor.draw();
  }

  /** What the device wants to send, one character per byte. */
  takeOutput(): string {
    return this.#terminal.takeOutput();
  }

  get readSizeBytes(): number {
    return this.#shell.readSizeBytes;
  }

  /** Gives the shell thread what it reads next: up to `readSizeBytes` bytes. */
  receive(bytes: Uint8Array, nowUs: number): void {
    this.#nowUs = nowUs;
    this.#shell.receive(bytes);
  }

  /** A byte came while the receive ring was full. */
  noteLostByte(nowUs: number): void {
    this.#nowUs = nowUs;
    this.#addLog({ level: 'wrn', source: 'shell_uart', text: 'RX ring buffer full.' });
  }

  /** A log line every `intervalMs`; 0 stops. */
  setNoise(intervalMs: number, nowUs: number): void {
    const ticks = Math.ceil((intervalMs * 1_000) / TICK_US) + 1;
    const intervalUs = intervalMs === 0 ? Number.POSITIVE_INFINITY : ticks * TICK_US;
    this.#noise = { intervalUs, nextAtUs: nowUs + intervalUs, count: 0 };
  }

  /** When something happens without the host: infinite if nothing will. */
  get nextTimerUs(): number {
    return this.#noise.nextAtUs;
  }

  runTimer(nowUs: number): void {
    this.#nowUs = nowUs;
    const { intervalUs, count } = this.#noise;
    this.#noise = { intervalUs, nextAtUs: nowUs + intervalUs, count: count + 1 };
    this.#addLog({ level: 'inf', source: 'peer', text: `background tick ${count}` });
  }

  /** When waiting log messages are due on the shell thread. */
  get logDueAtUs(): number {
    return this.#log.dueAtUs;
  }

  /** Prints one waiting message, or ends the batch; returns how long the shell thread then sleeps. */
  printLog(nowUs: number): number {
    this.#nowUs = nowUs;
    if (!this.#logging) {
      this.#log.clear();
      return 0;
    }
    this.#editor.erase();
    const message = this.#log.take();
    if (message) writeLogMessage(this.#terminal, message);
    this.#editor.draw();
    return this.#editor.text === '' ? 0 : SLEEP_AFTER_REDRAW_US;
  }

  #addLog(message: Pick<LogMessage, 'level' | 'source' | 'text'>): void {
    if (!this.#logging) return;
    const stamped = { ...message, uptimeUs: this.#nowUs - this.#poweredOnAtUs };
    if (this.build.logMode === 'deferred') {
      this.#log.add(stamped, this.#nowUs);
      return;
    }
    // `printk` does not go through the log there, and within a command the prompt is not on the screen.
    const bare = message.level === 'raw' || this.#shell.inCommand;
    if (!bare) this.#editor.erase();
    writeLogMessage(this.#terminal, stamped);
    if (!bare) this.#editor.draw();
  }
}
