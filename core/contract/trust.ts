// For interfaces: who may be given an export, and what each must be told.

export * from '../domain/trustConsumer.ts';
