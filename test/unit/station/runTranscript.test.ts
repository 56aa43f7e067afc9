import { expect, test } from 'vitest';
import { askedAgainCount, type PhaseRecord } from '../../../core/domain/run.ts';
import { RunTranscript } from '../../../core/station/provision/runTranscript.ts';

test('a record that leaves questions out still counts them: it says what the closing line said', () => {
  const transcript = new RunTranscript({ write: () => {}, close: () => {} });
  for (let asked = 0; asked < 60; asked += 1) {
    transcript.repeated({ question: 'who', reason: 'device_silent' });
  }
  const first = transcript.takeRepeated();
  expect(first.askedAgain).toHaveLength(50);
  transcript.repeated({ question: 'what', reason: 'bytes_lost' });
  const evidences = [first, transcript.takeRepeated(), transcript.takeRepeated()];
  const phases = evidences.map((evidence) => ({ evidence }) as unknown as PhaseRecord);
  expect(askedAgainCount({ phases })).toBe(61);
  expect(transcript.repeatedCount).toBe(61);
});
