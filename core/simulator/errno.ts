// The error numbers that Zephyr's commands return and print, negative as in C.

export const ENOENT = -2;
export const ENOEXEC = -8;
export const ENOMEM = -12;
export const EACCES = -13;
export const EEXIST = -17;
export const EINVAL = -22;
export const EBADF = -9;
export const EIO = -5;
/** As the C library of the native simulator numbers it; Zephyr's own says -134. */
export const ENOTSUP = -95;
/** SHELL_CMD_HELP_PRINTED. */
export const HELP_PRINTED = 1;
/** As the C library of the native simulator numbers it. */
export const EALREADY = -114;
