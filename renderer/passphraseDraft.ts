// A new passphrase as it is typed: twice.

export interface PassphraseDraft {
  readonly passphrase: string;
  readonly passphraseAgain: string;
}

export const NO_PASSPHRASE: PassphraseDraft = { passphrase: '', passphraseAgain: '' };

export const isTypedTwice = ({ passphrase, passphraseAgain }: PassphraseDraft): boolean =>
  passphrase !== '' && passphrase === passphraseAgain;
