// How far a long count is: how many of how many, how fast, and how long it still takes at that rate.

export interface CountProgress {
  readonly done: number;
  readonly total: number;
  /** What was done before this attempt: it says nothing about the rate. */
  readonly doneBefore: number;
  readonly elapsedMs: number;
}

/** `1,200 of 20,000  850/s  22 s left`; rate and rest once there is something to reckon with. */
export function progressWords({ done, total, doneBefore, elapsedMs }: CountProgress): string {
  const counted = `${grouped(done)} of ${grouped(total)}`;
  const made = done - doneBefore;
  if (made <= 0 || elapsedMs <= 0) return counted;
  const perSecond = (made * 1000) / elapsedMs;
  const rate = perSecond >= 10 ? grouped(Math.round(perSecond)) : perSecond.toFixed(1);
  const left = Math.max(0, total - done) / perSecond;
  return `${counted}  ${rate}/s  ${duration(left)} left`;
}

const grouped = (count: number): string => count.toLocaleString('en');

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
