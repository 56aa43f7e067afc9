// The reasons an interface may offer; a host hands them on as they are.

export { REVOCATION_REASONS } from '../domain/credential.ts';
