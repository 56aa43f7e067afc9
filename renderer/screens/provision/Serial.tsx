// A device serial, large where it fits; never cut, because its end is what tells it from the next.

import type { ReactNode } from 'react';

const LONG = 18;

export const Serial = ({ text }: { text: string }): ReactNode => (
  <div className={text.length > LONG ? 'bay-serial bay-serial-long' : 'bay-serial'}>{text}</div>
);
