// A set of numbers from 1 on, as an octet for each: SQLite looks into one sooner than into a list, however large the set.

export function marksOf(numbers: readonly number[]): Uint8Array {
  const marks = new Uint8Array(numbers.reduce((largest, number) => Math.max(largest, number), 0));
  for (const number of numbers) marks[number - 1] = 1;
  return marks;
}

/** The condition that `column` is in the set that the parameter `name` holds. */
export const isMarked = (name: string, column: string): string => `substr(@${name}, ${column}, 1) = x'01'`;
