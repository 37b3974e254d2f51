// What a page may ask: the calls of the contract, and to be told when something changed.
import type { Calls, Failure, Progress } from '../contract';

/** What is told without being asked, and what it says. */
export interface Told {
  session: null;
  content: null;
  settings: null;
  given: null;
  progress: Progress;
}
export type Listen = <E extends keyof Told>(event: E, act: (said: Told[E]) => void) => () => void;

export type Call = <C extends keyof Calls>(name: C, request: Calls[C]['request']) => Promise<Calls[C]['answer']>;

/** Calls fail with a Failure, whatever went wrong below. */
export function failure(error: unknown): Failure {
  if (error && typeof error === 'object' && 'code' in error && 'message' in error) return error as Failure;
  return {
    code: 'call-refused',
    message: typeof error === 'string' ? error : 'The window could not reach the application.',
    advice: 'Nothing was changed.',
  };
}
