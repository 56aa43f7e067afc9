// A part that scrolls when it must: only then is it a stop for the keyboard, and it fades out where more is to come.

import { type ReactNode, useEffect, useRef, useState } from 'react';

export function ScrollArea({ className, children }: { className: string; children: ReactNode }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  const [more, setMore] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other content may be of another height
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const measure = (): void => {
      setOverflows(box.scrollHeight > box.clientHeight + 1);
      setMore(box.scrollTop + box.clientHeight < box.scrollHeight - 1);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    for (const child of box.children) observer.observe(child);
    box.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', measure);
    };
  }, [children]);
  return (
    <div
      ref={place}
      className={className}
      {...(overflows ? { tabIndex: 0 } : {})}
      {...(more ? { 'data-more': '' } : {})}
    >
      {children}
    </div>
  );
}
