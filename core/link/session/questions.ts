// Questions that change nothing on a device. Noise garbles an answer now and then, so such a question may be asked a second
// time; what writes never is. Each repetition goes into the run's record: a bad cable shows there.

import { type ErrorCode, StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';

/** No answer in the protocol's shape: damaged, cut short, or lost together with its question. */
const GARBLED: readonly ErrorCode[] = ['device_answer_invalid', 'bytes_lost', 'device_silent'];

/** Whether what was thrown says that an answer did not arrive as one. A refusal is an answer. */
export const isGarbled = (error: unknown): error is StationError =>
  error instanceof StationError && GARBLED.includes(error.code);

export class Questions {
  readonly #transcript: TranscriptSink;
  readonly #recover: () => Promise<void>;

  /** `recover` brings the line back to where a command can be sent, whatever an answer that went wrong has left on it. */
  constructor(transcript: TranscriptSink, recover: () => Promise<void>) {
    this.#transcript = transcript;
    this.#recover = recover;
  }

  /** Does `attempt`, which asks and throws where the answer makes no sense; once more where it was garbled. */
  async ask<T>(question: string, attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!isGarbled(error)) throw error;
      this.record(question, error.code);
    }
    await this.#recover();
    const answer = await attempt();
    // The first answer may only have been late: it must not be taken for that to the next question.
    await this.#recover();
    return answer;
  }

  /**
   * Gives a command that writes, once. Where its reply was garbled the device is asked what came of it; an order that was not
   * carried out ends with the error of its reply.
   */
  async order(command: string, give: () => Promise<void>, isDone: () => Promise<boolean>): Promise<void> {
    try {
      await give();
    } catch (error) {
      if (!isGarbled(error)) throw error;
      this.record(`what came of ${command}`, error.code);
      await this.#recover();
      if (!(await isDone())) throw error;
    }
  }

  /** Notes that something was asked twice, and why. */
  record(question: string, reason: ErrorCode): void {
    this.#transcript.write('note', `asked again (${reason}): ${question}`);
    this.#transcript.repeated?.({ question, reason });
  }
}
