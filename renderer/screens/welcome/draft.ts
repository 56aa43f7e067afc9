// What has been entered at the first start, and when each step is complete. Pure.

import type { NewStation } from '../../../core/contract/schemas/session.ts';
import { type BroughtDraft, broughtFiles, NOTHING_BROUGHT } from '../../broughtDraft.ts';
import { isTypedTwice, NO_PASSPHRASE, type PassphraseDraft } from '../../passphraseDraft.ts';

export const STEPS = ['name', 'authority', 'work'] as const;
export type StepName = (typeof STEPS)[number];

export const PASSPHRASE_MIN = 12;

/** With the files of an existing CA. */
export interface Draft extends PassphraseDraft, BroughtDraft {
  readonly stationName: string;
  readonly site: string;
  readonly operatorName: string;
  readonly pin: string;
  readonly pinAgain: string;
  readonly kind: NewStation['authority']['kind'];
  readonly organisation: string;
  readonly targetName: string;
  readonly profileName: string;
}

export const EMPTY_DRAFT: Draft = {
  stationName: '',
  site: '',
  operatorName: '',
  pin: '',
  pinAgain: '',
  kind: 'create',
  organisation: '',
  ...NO_PASSPHRASE,
  ...NOTHING_BROUGHT,
  targetName: '',
  profileName: '',
};

export const isPin = (pin: string): boolean => /^[0-9]{4,12}$/.test(pin);

/** A rough word for the eye; the station judges for real. */
export function passphraseStrength(passphrase: string): 'weak' | 'fair' | 'good' {
  const different = new Set(passphrase).size;
  if (passphrase.length < PASSPHRASE_MIN || different < 6) return 'weak';
  return passphrase.length >= 20 && different >= 10 ? 'good' : 'fair';
}

export function isReady(step: StepName, draft: Draft): boolean {
  switch (step) {
    case 'name':
      return (
        [draft.stationName, draft.site, draft.operatorName].every((text) => text.trim() !== '') &&
        isPin(draft.pin) &&
        draft.pin === draft.pinAgain
      );
    case 'authority':
      if (draft.kind === 'existing') return draft.passphrase !== '';
      return (
        passphraseStrength(draft.passphrase) !== 'weak' &&
        isTypedTwice(draft) &&
        (draft.kind === 'create' || draft.files.length > 0)
      );
    case 'work':
      return draft.targetName !== '' && draft.profileName !== '';
  }
}

export function authorityOf(draft: Draft): NewStation['authority'] {
  const { kind, passphrase } = draft;
  switch (kind) {
    case 'create':
      return { kind, passphrase, organisation: draft.organisation.trim() || draft.site.trim() };
    case 'import':
      return { kind, passphrase, ...broughtFiles(draft) };
    case 'existing':
      return { kind, passphrase };
  }
}
