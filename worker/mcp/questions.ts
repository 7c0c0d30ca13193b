import { randomUUID } from 'node:crypto';
import { NotAnsweredError } from '../catalog/asking';
import type { Members, RpcOutcome } from './protocol';
import type { Sink, Source } from './service';

/** Limits on questions to people. */
export interface AskLimits {
  /** How long a person may take to answer, in milliseconds. */
  readonly askTimeMs: number;
  /** The most open questions at a time. Each keeps its call open. */
  readonly maxAsked: number;
  /** The most open questions to one caller with a token, so that no caller can use up the total. */
  readonly maxAskedOfOne: number;
}

/** A request to the client. */
export interface Question {
  readonly id: string;
  readonly method: string;
  readonly params: Members;
}

/** A call that asks a question. */
interface Asker {
  readonly from: Source;
  readonly sink: Sink;
}

interface Pending {
  readonly asker: Asker;
  settle(outcome: RpcOutcome | NotAnsweredError): void;
}

/** The unanswered questions to clients of the handshake era. A question lives no longer than the call that asked it. */
export class Questions {
  readonly #pending = new Map<string, Pending>();

  constructor(private readonly limits: AskLimits) {}

  /** @throws NotAnsweredError on a timeout, when the client disconnects, or when too many questions are open */
  ask(asker: Asker, method: string, params: Members): Promise<RpcOutcome> {
    const { askTimeMs } = this.limits;
    const { sink } = asker;
    if (sink.ask === undefined) throw new NotAnsweredError('unreachable', 'Cannot ask the user');
    if (this.#isFull(asker)) {
      throw new NotAnsweredError('unreachable', 'Cannot ask the user: too many questions are open at the moment');
    }
    const id = `${idPrefix}${randomUUID()}`;
    const send = sink.ask;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        sink.notify({ method: 'notifications/cancelled', params: { requestId: id, reason: 'no answer in time' } });
        settle(new NotAnsweredError('cancelled', `No answer within ${askTimeMs / 1000} s`));
      }, askTimeMs).unref();
      const settle: Pending['settle'] = (outcome) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        if (outcome instanceof NotAnsweredError) reject(outcome);
        else resolve(outcome);
      };
      this.#pending.set(id, { asker, settle });
      send({ id, method, params });
    });
  }

  /** Settles an open question with the answer of the client that was asked. @returns false when no question matches */
  answer(id: unknown, outcome: RpcOutcome, isClient: (asked: Source) => boolean): boolean {
    const question = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (question === undefined || !isClient(question.asker.from)) return false;
    question.settle(outcome);
    return true;
  }

  #isFull({ from: { caller } }: Asker): boolean {
    const { maxAsked, maxAskedOfOne } = this.limits;
    if (this.#pending.size >= maxAsked) return true;
    if (caller === undefined) return false;
    const own = [...this.#pending.values()].filter(({ asker }) => asker.from.caller?.userId === caller.userId);
    return own.length >= maxAskedOfOne;
  }

  /** Cancels the matching questions: their answers can no longer arrive. @param why a sentence for the log and the client */
  cancel(matches: (asker: Asker) => boolean, why: string): void {
    if (this.#pending.size === 0) return;
    for (const { asker, settle } of [...this.#pending.values()]) {
      if (matches(asker)) settle(new NotAnsweredError('cancelled', why));
    }
  }
}

/** The prefix of our question ids; the rest is unguessable. */
const idPrefix = 'ask-';

/** Whether an id looks like one of our questions. */
export function isQuestion(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith(idPrefix);
}
