import { Questions } from './questions';
import type { Sink, Source } from './service';

const sink: Sink = {
  deliver: () => undefined,
  notify: () => undefined,
  cancelled: () => undefined,
  ask: () => undefined,
};

function from(userId?: string): Source {
  const caller = userId === undefined ? undefined : { userId, scopes: [], prefixes: [], trace: {} };
  return { caller, requestId: 'test', headers: {} };
}

test('limits the open questions per caller with a token, and in total', async () => {
  const questions = new Questions({ askTimeMs: 60_000, maxAsked: 4, maxAskedOfOne: 2 });
  const ask = (userId?: string) => async () => questions.ask({ from: from(userId), sink }, 'elicitation/create', {});
  const ends: Promise<unknown>[] = [];
  const asked = (userId?: string) => ends.push(ask(userId)().catch((error: unknown) => error));
  asked('a');
  asked('a');
  await expect(ask('a')()).rejects.toThrow('too many questions are open');
  asked('b');
  asked();
  await expect(ask('b')()).rejects.toThrow('too many questions are open');
  questions.cancel(() => true, 'The test is over');
  expect(await Promise.all(ends)).toEqual(Array(4).fill(expect.objectContaining({ reason: 'cancelled' })));
  asked('a');
  questions.cancel(() => true, 'The test is over');
});
