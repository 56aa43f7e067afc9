// Loaded before the command line: the computer's clock is two days behind, as after a flat battery.

const DAY_MS = 24 * 60 * 60 * 1000;
const now = Date.now.bind(Date);
Date.now = () => now() - 2 * DAY_MS;
