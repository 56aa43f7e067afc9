// Nominal types over plain values: a string that went through its parser cannot be mistaken for one that did not.

declare const brand: unique symbol;

/** A `T` that only the parser named `Name` hands out. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
