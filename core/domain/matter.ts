// What Matter names makers and their products by.

/** Matter 6.2.2: four hexadecimal digits, letters in upper case. */
export const isMatterId = (value: string): boolean => /^[0-9A-F]{4}$/.test(value);
