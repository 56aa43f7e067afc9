// For interfaces: what passwords are made of, and whose files there are.

export * from '../domain/password.ts';
