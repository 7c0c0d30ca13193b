import { createInterface } from 'node:readline';
import { Problem } from '../../model/problem';
import { allFacts, type GivenFacts } from './platform';

/**
 * Asks for the missing facts on a terminal, and again for a required one without an answer.
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
      for (;;) {
        terminal.prompt();
        const { done, value } = await lines.next();
        if (done) throw inputEnded();
        const answer = value.trim() || usual;
        if (answer !== '') return answer;
        terminal.setPrompt(`${question} is required: `);
      }
    });
  } finally {
    terminal.close();
  }
}

function inputEnded(): Problem {
  const fix = 'run it again, or pass the facts as flags: npm run new -- platform --help';
  return new Problem('USAGE', 'Cannot create the platform: the input ended; nothing was written', { fix });
}
