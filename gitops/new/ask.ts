import { createInterface } from 'node:readline';
import { Problem } from '../../model/problem';
import { allFacts, type GivenFacts } from './platform';

/**
 * Asks for the missing facts on a terminal.
 * @throws Problem USAGE when the input ends
 */
export async function askedFacts(
  flags: GivenFacts,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<GivenFacts> {
  const terminal = createInterface({ input, output });
  // The iterator, unlike `question`, keeps lines that were pasted ahead.
  const lines = terminal[Symbol.asyncIterator]();
  try {
    return await allFacts(flags, async (question, usual = '') => {
      terminal.setPrompt(`${question}${usual && ` [${usual}]`}: `);
      terminal.prompt();
      const { done, value } = await lines.next();
      if (done) throw inputEnded();
      return value.trim() || usual;
    });
  } finally {
    terminal.close();
  }
}

function inputEnded(): Problem {
  const fix = 'run it again, or pass the facts as flags: npm run new -- --help';
  return new Problem('USAGE', 'Cannot create the platform: the input ended; nothing was written', { fix });
}
