// One thing that doctor looks at, and how to mend it if it is not as it should be.

export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** The command or step that mends it. */
  readonly mend?: string;
}

export const ok = (name: string, what: string): Finding => ({ name, state: 'ok', what });
export const warning = (name: string, what: string, mend: string): Finding => ({
  name,
  state: 'warning',
  what,
  mend,
});
export const problem = (name: string, what: string, mend: string): Finding => ({
  name,
  state: 'problem',
  what,
  mend,
});
