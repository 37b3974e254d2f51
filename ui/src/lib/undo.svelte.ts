// One step back, where a step back is honest. A signature, a letter, a delivery and a revocation have none; and what was
// on the record stays there: the step back is recorded beside it.
import { failure } from './host/host';
import type { Failure } from './contract';

interface Step {
  /** In the language of the moment: that may be what was changed. */
  what: () => string;
  back: () => Promise<unknown>;
}

let step: Step | null = $state.raw(null);
let problem: Failure | null = $state.raw(null);

export const undo = {
  get what() {
    return step?.what();
  },
  get failure() {
    return problem;
  },
  /** What was just done can be taken back, until something else is done. */
  offer(what: () => string, back: () => Promise<unknown>) {
    step = { what, back };
    problem = null;
  },
  drop() {
    step = problem = null;
  },
  async take() {
    const back = step?.back;
    if (!back) return;
    step = null;
    try {
      await back();
    } catch (error) {
      problem = failure(error);
    }
  },
};
