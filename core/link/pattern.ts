// Regular expressions that targets bring along.

/** Whether it compiles, with something in place of each `{name}`. */
export function isPattern(text: string): boolean {
  try {
    new RegExp(text.replace(/\{[a-z]+\}/gi, 'x'));
    return true;
  } catch {
    return false;
  }
}
