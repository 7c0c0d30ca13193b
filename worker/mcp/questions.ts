import { randomUUID } from 'node:crypto';
import { NotAnsweredError } from '../catalog/asking';
import type { Members, RpcOutcome } from './protocol';
import type { Sink, Source } from './service';

/** Limits of how people are waited for. */
export interface AskLimits {
  /** How long a person may take to answer, in milliseconds. */
  readonly askTimeMs: number;
  /** How many questions may be out at once: the call of each goes on meanwhile. */
  readonly maxAsked: number;
  /** How many of them may be out to one caller with a token, so that none takes the places of all. */
  readonly maxAskedOfOne: number;
}

/** A request to the client. */
export interface Question {
  readonly id: string;
  readonly method: string;
  readonly params: Members;
}

/** A call that asks. */
interface Asker {
  readonly from: Source;
  readonly sink: Sink;
}

interface Open {
  readonly asker: Asker;
  settle(outcome: RpcOutcome | NotAnsweredError): void;
}

/** The questions to clients of the handshake era that have no answer yet. They live as long as the calls that ask. */
export class Questions {
  readonly #open = new Map<string, Open>();

  constructor(private readonly limits: AskLimits) {}

  /** @throws NotAnsweredError when the time is up, the client has gone, or too many people are asked already */
  ask(asker: Asker, method: string, params: Members): Promise<RpcOutcome> {
    const { askTimeMs } = this.limits;
    const { sink } = asker;
    if (sink.ask === undefined) throw new NotAnsweredError('unreachable', 'Cannot ask the person who calls');
    if (this.#isFull(asker)) {
      throw new NotAnsweredError(
        'unreachable',
        'Cannot ask the person who calls: too many are being asked at the moment',
      );
    }
    const id = `${idStart}${randomUUID()}`;
    const send = sink.ask;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        sink.notify({ method: 'notifications/cancelled', params: { requestId: id, reason: 'no answer in time' } });
        settle(new NotAnsweredError('cancelled', `Nobody answered within ${askTimeMs / 1000} s`));
      }, askTimeMs).unref();
      const settle: Open['settle'] = (outcome) => {
        clearTimeout(timer);
        this.#open.delete(id);
        if (outcome instanceof NotAnsweredError) reject(outcome);
        else resolve(outcome);
      };
      this.#open.set(id, { asker, settle });
      send({ id, method, params });
    });
  }

  /** Takes an answer to a question that is open, from the client that was asked. @returns false when there is none such */
  answer(id: unknown, outcome: RpcOutcome, isClient: (asked: Source) => boolean): boolean {
    const open = typeof id === 'string' ? this.#open.get(id) : undefined;
    if (open === undefined || !isClient(open.asker.from)) return false;
    open.settle(outcome);
    return true;
  }

  #isFull({ from: { caller } }: Asker): boolean {
    const { maxAsked, maxAskedOfOne } = this.limits;
    if (this.#open.size >= maxAsked) return true;
    if (caller === undefined) return false;
    const own = [...this.#open.values()].filter(({ asker }) => asker.from.caller?.userId === caller.userId);
    return own.length >= maxAskedOfOne;
  }

  /** Gives up questions whose answers cannot come any more. @param why a sentence for the log and the client */
  giveUp(isMeant: (asker: Asker) => boolean, why: string): void {
    if (this.#open.size === 0) return;
    for (const { asker, settle } of [...this.#open.values()]) {
      if (isMeant(asker)) settle(new NotAnsweredError('cancelled', why));
    }
  }
}

/** What the identifiers of our questions begin with; the rest nobody can guess. */
const idStart = 'ask-';

/** Whether an identifier looks like that of a question of ours. */
export function isQuestion(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith(idStart);
}
