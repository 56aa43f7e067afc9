import { describe, expect, test } from 'vitest';
import { type ErrorCode, StationError } from '../../../core/domain/stationError.ts';
import { Questions } from '../../../core/link/session/questions.ts';
import { failure, Transcript } from '../../support/familyBench.ts';

/** Each call does the next of these: a code is thrown, a text is the answer. */
function line(...answers: readonly (ErrorCode | `answer ${string}`)[]) {
  const transcript = new Transcript();
  const acts: string[] = [];
  const questions = new Questions(transcript, async () => {
    acts.push('recover');
  });
  let next = 0;
  const attempt = async (): Promise<string> => {
    acts.push('ask');
    const answer = answers[next] ?? 'internal';
    next += 1;
    if (answer.startsWith('answer ')) return answer;
    throw new StationError(answer as ErrorCode, { attempt: next });
  };
  return { transcript, acts, questions, attempt };
}

describe('a question', () => {
  test('that is answered is asked once and leaves no note', async () => {
    const { questions, attempt, acts, transcript } = line('answer a');
    expect(await questions.ask('who', attempt)).toBe('answer a');
    expect(acts).toEqual(['ask']);
    expect([transcript.rows, transcript.asked]).toEqual([[], []]);
  });

  test.each(['device_answer_invalid', 'bytes_lost', 'device_silent'] as const)(
    'whose answer ends in %s is asked once more, on a line that was cleared, and that is recorded',
    async (reason) => {
      const { questions, attempt, acts, transcript } = line(reason, 'answer b');
      expect(await questions.ask('who', attempt)).toBe('answer b');
      // Cleared again afterwards: the first answer may only have been late.
      expect(acts).toEqual(['ask', 'recover', 'ask', 'recover']);
      expect(transcript.asked).toEqual([{ question: 'who', reason }]);
      expect(transcript.text).toBe(`note asked again (${reason}): who`);
    },
  );

  test('that is garbled twice fails as the second answer did, and is not asked a third time', async () => {
    const { questions, attempt, acts } = line('device_silent', 'device_answer_invalid', 'answer c');
    const error = await failure(questions.ask('who', attempt));
    expect([error.code, error.details.attempt]).toEqual(['device_answer_invalid', 2]);
    expect(acts).toEqual(['ask', 'recover', 'ask']);
  });

  test.each([
    'device_refused',
    'verification_mismatch',
    'device_gone',
    'device_changed',
    'interrupted',
  ] as const)('that ends in %s got its answer', async (code) => {
    const { questions, attempt, acts, transcript } = line(code, 'answer d');
    expect((await failure(questions.ask('who', attempt))).code).toBe(code);
    expect(acts).toEqual(['ask']);
    expect(transcript.asked).toEqual([]);
  });
});

describe('an order', () => {
  test('whose reply was garbled is not given again: the device is asked what came of it', async () => {
    const { questions, attempt, acts, transcript } = line('device_answer_invalid', 'answer never');
    const looked: string[] = [];
    const give = async (): Promise<void> => void (await attempt());
    await questions.order('add', give, async () => looked.push('look') > 0);
    expect([acts, looked]).toEqual([['ask', 'recover'], ['look']]);
    expect(transcript.asked).toEqual([{ question: 'what came of add', reason: 'device_answer_invalid' }]);
  });

  test('that was not carried out ends with the error of its reply', async () => {
    const { questions, attempt, acts } = line('bytes_lost', 'answer never');
    const give = async (): Promise<void> => void (await attempt());
    expect((await failure(questions.order('add', give, async () => false))).code).toBe('bytes_lost');
    expect(acts).toEqual(['ask', 'recover']);
  });

  test('that was refused is over', async () => {
    const { questions, attempt } = line('device_refused');
    const give = async (): Promise<void> => void (await attempt());
    const look = async (): Promise<boolean> => {
      throw new Error('nobody looks');
    };
    expect((await failure(questions.order('add', give, look))).code).toBe('device_refused');
  });
});
