// What goes on, redrawn in place at the bottom of the terminal: the bays as they work, or a step that takes a while. Verdicts
// and sentences scroll up and stay.

import type { createLogUpdate } from 'log-update';
import { PHASES, type Phase } from '../../core/domain/run.ts';
import type { RunEvent } from '../../core/station/events.ts';
import { refusalVerdict, verdict } from './runEvents.ts';
import { type Paint, progressBar, seconds } from './style.ts';
import { columnsOf, wrapText } from './wrap.ts';

interface BayState {
  readonly deviceSerial: string;
  readonly phase: Phase;
  readonly startedAtMs: number;
  readonly installShare: number;
}

export interface LiveStep {
  /** Says in other words what goes on. */
  tell(text: string): void;
  end(): void;
}

export interface LiveBays {
  show(event: RunEvent): void;
  persist(text: string): void;
  /** A step that takes a while, with its seconds. */
  begin(text: string): Promise<LiveStep>;
  settle(): void;
}

const REDRAW_EVERY_MS = 100;

/** How far a run is, 0 to 1: the phases count alike, except that the install phase grows with its bytes. */
function share(bay: BayState): number {
  const step = PHASES.indexOf(bay.phase);
  return (step + (bay.phase === 'install' ? bay.installShare : 0)) / PHASES.length;
}

export function createLiveBays(stream: NodeJS.WriteStream, paint: Paint): LiveBays {
  let update: ReturnType<typeof createLogUpdate> | undefined;
  const bays = new Map<string, BayState>();
  const steps = new Set<{ text: string; readonly startedAtMs: number }>();
  let timer: NodeJS.Timeout | undefined;

  /** Most commands on a terminal only say something: what draws is loaded for the first thing that goes on. */
  const load = async (): Promise<void> => {
    const logUpdate = await import('log-update');
    update ??= logUpdate.createLogUpdate(stream, { showCursor: true });
  };
  const draw = (): void => {
    const width = Math.max(0, ...[...bays.keys()].map((name) => name.length));
    const lines = [...bays].map(([bayName, bay]) =>
      [
        `  ${bayName.padEnd(width)}`,
        progressBar(paint, share(bay)),
        bay.phase.padEnd(8),
        paint('bold', bay.deviceSerial),
        paint('dim', seconds(Date.now() - bay.startedAtMs)),
      ].join('  '),
    );
    const since = ({ text, startedAtMs }: { text: string; startedAtMs: number }): string =>
      `  ${paint('cyan', '…')} ${text}  ${paint('dim', seconds(Date.now() - startedAtMs))}`;
    update?.([...lines, ...[...steps].map(since)].join('\n'));
  };
  const keepDrawing = (): void => {
    timer ??= setInterval(draw, REDRAW_EVERY_MS).unref();
    if (update === undefined) void load();
  };
  const stopDrawing = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const persist = (text: string): void => {
    update?.clear();
    stream.write(`${wrapText(text, columnsOf(stream))}\n`);
    if (bays.size + steps.size > 0) draw();
  };
  return {
    show(event) {
      switch (event.kind) {
        case 'phase-begun': {
          const before = bays.get(event.bayName);
          const startedAtMs =
            before?.deviceSerial === event.deviceSerial && event.phase !== 'open'
              ? before.startedAtMs
              : Date.now();
          bays.set(event.bayName, {
            deviceSerial: event.deviceSerial,
            phase: event.phase,
            startedAtMs,
            installShare: 0,
          });
          keepDrawing();
          return;
        }
        case 'install-progress': {
          const bay = bays.get(event.bayName);
          if (bay !== undefined) {
            bays.set(event.bayName, {
              ...bay,
              installShare: event.sentBytes / Math.max(1, event.totalBytes),
            });
          }
          return;
        }
        case 'phase-ended':
          return;
        case 'closed':
          bays.delete(event.bayName);
          return persist(verdict(paint, event.result));
        case 'refused':
          bays.delete(event.refusal.bayName);
          return persist(refusalVerdict(paint, event.refusal));
      }
    },
    persist,
    async begin(text) {
      await load();
      const step = { text, startedAtMs: Date.now() };
      steps.add(step);
      draw(); // at once: what follows may keep this thread busy
      keepDrawing();
      return {
        tell(changed) {
          step.text = changed;
        },
        end() {
          if (!steps.delete(step)) return;
          if (bays.size + steps.size > 0) return draw();
          stopDrawing();
          update?.clear();
        },
      };
    },
    settle() {
      stopDrawing();
      bays.clear();
      steps.clear();
      update?.clear();
      update?.done();
    },
  };
}
