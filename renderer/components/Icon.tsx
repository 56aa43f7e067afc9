// The product's own drawings (resources/icons), inlined so that they take the colour of the text beside them.

import type { ReactNode } from 'react';

const SOURCES: Readonly<Record<string, string>> = import.meta.glob(
  '../../resources/icons/{ui,phases,verdicts}/*.svg',
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);

const inner = (source: string): string => source.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
const strokeOf = (source: string): string => /stroke-width="([\d.]+)"/.exec(source)?.[1] ?? '1.75';

const DRAWINGS = new Map(
  Object.entries(SOURCES).map(([path, source]) => {
    const name = path.replace(/^.*\/icons\//, '').replace(/\.svg$/, '');
    return [name, { body: inner(source), stroke: strokeOf(source) }];
  }),
);

/** `name` is folder and file: `ui/lock`, `phases/verify`, `verdicts/pass`. Decorative: the word stands beside it. */
export function Icon({ name, size = 20 }: { name: string; size?: number }): ReactNode {
  const drawing = DRAWINGS.get(name);
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={drawing?.stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a drawing of ours, known when this was built
      dangerouslySetInnerHTML={{ __html: drawing?.body ?? '' }}
    />
  );
}
