// A part that scrolls when it must; only then is it a stop for the keyboard.

import { type ReactNode, useEffect, useRef, useState } from 'react';

export function ScrollArea({ className, children }: { className: string; children: ReactNode }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other content may be of another height
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const measure = (): void => setOverflows(box.scrollHeight > box.clientHeight + 1);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [children]);
  return (
    <div ref={place} className={className} {...(overflows ? { tabIndex: 0 } : {})}>
      {children}
    </div>
  );
}
