// The product's mark: a keyline frame around a key.

import type { ReactNode } from 'react';

export function Mark({ size = 34 }: { size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 34 34"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M2 8V2h6M26 2h6v6M32 26v6h-6M8 32H2v-6" strokeWidth="2" />
      <circle cx="12.500" cy="20.500" r="4.500" strokeWidth="3" />
      <path d="M16 17 25.500 7.500M22 11l3.500 3.500" strokeWidth="3" />
    </svg>
  );
}
