// For interfaces: what a Matter vendor or product id looks like.

export { isMatterId } from '../domain/matter.ts';
