// The station as React sees it: one connection, its state, and calls through TanStack Query.

import {
  keepPreviousData,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import type { Input, MethodName, Output } from '../../core/contract/methods.ts';
import { connectStation, type StationClient } from '../../core/contract/rpc/client.ts';
import { type Failure, failureOf } from '../../core/contract/schemas/common.ts';
import type { Connect } from '../connection/connection.ts';
import { watchSigns } from './heartbeat.ts';
import { listenForChanges } from './liveUpdates.ts';

/** `connecting`: never yet · `silent`: it hangs · `lost`: it is being started again · `refused`: it will not come back. */
export type ConnectionState = 'connecting' | 'connected' | 'silent' | 'lost' | 'refused';

export interface Restart {
  readonly runsClosed: number;
  readonly atMs: number;
}

interface StationContext {
  readonly client: StationClient | undefined;
  readonly state: ConnectionState;
  readonly restart: Restart | undefined;
  forgetRestart(): void;
}

const Context = createContext<StationContext | undefined>(undefined);

export function useStation(): StationContext {
  const value = useContext(Context);
  if (value === undefined) throw new Error('useStation outside StationProvider');
  return value;
}

export const queryKey = <M extends MethodName>(method: M, input?: Input<M>): readonly unknown[] =>
  input === undefined ? [method] : [method, input];

function takeUp(client: StationClient, queries: QueryClient, tellRestart: (restart: Restart) => void): void {
  listenForChanges(client, queries);
  client.on('station.restarted', ({ runsClosed }) => {
    tellRestart({ runsClosed, atMs: Date.now() });
    void queries.invalidateQueries();
  });
}

export function StationProvider({ connect, children }: { connect: Connect; children: ReactNode }): ReactNode {
  const queries = useQueryClient();
  const [client, setClient] = useState<StationClient>();
  const [state, setState] = useState<ConnectionState>('connecting');
  const [restart, setRestart] = useState<Restart>();
  const wasConnected = useRef(false);

  useEffect(
    () =>
      connect({
        connected: (wire) => {
          const next = connectStation(wire, (reason) => console.warn(`keyline: ${reason}`));
          takeUp(next, queries, setRestart);
          if (wasConnected.current) setRestart((known) => known ?? { runsClosed: 0, atMs: Date.now() });
          wasConnected.current = true;
          setClient(next);
          setState('connected');
        },
        lost: () => setState(wasConnected.current ? 'lost' : 'connecting'),
        refused: () => setState('refused'),
      }),
    [connect, queries],
  );

  // Only once the questions below have been given the new client: asked earlier, they would go to the one that is gone.
  useEffect(() => {
    if (client !== undefined) void queries.invalidateQueries();
  }, [client, queries]);

  useEffect(() => {
    if (client === undefined) return;
    return watchSigns(client, (alive) =>
      // Only what it says of itself: a station that is gone is neither.
      setState((known) =>
        known === 'connected' || known === 'silent' ? (alive ? 'connected' : 'silent') : known,
      ),
    );
  }, [client]);

  const value = { client, state, restart, forgetRestart: () => setRestart(undefined) };
  return <Context value={value}>{children}</Context>;
}

export interface AskOptions {
  readonly enabled?: boolean;
  readonly keepPrevious?: boolean;
  readonly staleMs?: number;
}

/** The answer to a question, kept fresh by the station's events. */
export function useAsk<M extends MethodName>(
  method: M,
  input: Input<M>,
  options: AskOptions = {},
): UseQueryResult<Output<M>> {
  const { client } = useStation();
  const { enabled = true, keepPrevious = false, staleMs } = options;
  return useQuery<Output<M>>({
    queryKey: queryKey(method, input),
    queryFn: ({ signal }) => {
      if (client === undefined) throw new Error('not connected');
      return client.call(method, input, { signal });
    },
    enabled: enabled && client !== undefined,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
    ...(staleMs === undefined ? {} : { staleTime: staleMs }),
  });
}

/** Something to be done; what it changes is told by events, `stale` names what else must be asked again. */
export function useAct<M extends MethodName>(
  method: M,
  stale: readonly MethodName[] = [],
): UseMutationResult<Output<M>, Error, Input<M>> {
  const { client } = useStation();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input<M>) => {
      if (client === undefined) throw new Error('not connected');
      return client.call(method, input);
    },
    onSuccess: () => {
      for (const name of stale) void queries.invalidateQueries({ queryKey: queryKey(name) });
    },
  });
}

/** Whatever was thrown, as data for the words. */
export const failureIn = (error: unknown): Failure => failureOf(error);
