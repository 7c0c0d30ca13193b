import { readFileSync, writeFileSync } from 'node:fs';
import { loadCatalog, readToolFiles, type Toolkit } from './catalog/load';
import { portableExamples, published } from './catalog/published';
import { callLimitsOf } from './catalog/time-limit';
import { catalogSettings } from './config/config';

/** A server whose tools are asked for. */
interface Asked {
  readonly server: string;
  readonly toolkit: Toolkit & { readonly tools: readonly string[] };
  /** What its container sets beside the contract: tools can be switched off there. */
  readonly env: Readonly<Record<string, string>>;
}

// Tools are other people's code, and importing one runs it: in this process of its own it can neither write into the
// output of the command that asks, nor end it, nor keep it from ending. Servers come in as JSON on standard input; what
// they publish goes out on the file descriptor 3.
const asked: readonly Asked[] = JSON.parse(readFileSync(0, 'utf8'));
const { exit } = process;
process.exit = () => {
  throw new Error('it ends the process that imports it');
};
writeFileSync(3, JSON.stringify(asked.map(answerTo)));
exit(0);

function answerTo({ server, toolkit, env }: Asked) {
  try {
    const files = toolkit.tools.map((tool) => [tool, () => require(`../servers/${server}/tools/${tool}.ts`)] as const);
    const catalog = loadCatalog(toolkit, readToolFiles(Object.fromEntries(files)), catalogSettings(env));
    const call = callLimitsOf(catalog.tools);
    return { server, ...published(catalog), call, examples: portableExamples(catalog) };
  } catch (error) {
    return { server, error: error instanceof Error ? error.message : String(error) };
  }
}
