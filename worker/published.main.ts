import { readFileSync, writeFileSync } from 'node:fs';
import { loadCatalog, readToolFiles, type Toolkit } from './catalog/load';
import { portableExamples, published } from './catalog/published';
import { callLimitsOf } from './catalog/time-limit';
import { catalogSettings } from './config/config';
import { resourceLoaders } from './server-files.mjs';

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
    const tools = toolkit.tools.map((tool) => [tool, () => require(`../servers/${server}/tools/${tool}.ts`)] as const);
    const load = (name: string) => require(`../servers/${server}/resources/${name}.ts`);
    // The working folder is the repository's: this file runs from a bundle that lies elsewhere.
    const files = Object.fromEntries([...tools, ...resourceLoaders(`servers/${server}`, load)]);
    const catalog = loadCatalog(toolkit, readToolFiles(files), catalogSettings(env));
    const call = callLimitsOf(catalog.tools);
    const { unknownWords: warnings } = catalog;
    return { server, ...published(catalog), call, examples: portableExamples(catalog), warnings };
  } catch (error) {
    return { server, error: error instanceof Error ? error.message : String(error) };
  }
}
