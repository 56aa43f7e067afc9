// What is offered first where a choice is needed: what most boards and sites here use, not what the alphabet says.

export const USUAL_TARGET = 'zephyr-shell';
export const USUAL_PROFILE = 'tls-client';

/** The one named first, the others in their order. */
export const usualFirst = <T extends { readonly name: string }>(
  items: readonly T[],
  usual: string,
): readonly T[] => [
  ...items.filter(({ name }) => name === usual),
  ...items.filter(({ name }) => name !== usual),
];
